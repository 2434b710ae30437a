/** A whole reconciliation by the command: invokes the function until it has read the table to its end. */
import {
  parseReconcileResponse,
  toReconcileRequestJson,
  type ReconcileRequest,
} from './invocation-protocol.ts';
import { addReports, type ReconcileReport } from './findings.ts';

export interface ReconcileFunction {
  /** `failed`: the invocation did not end properly, and its effects are unknown. */
  invoke(
    requestJson: string,
  ): Promise<
    | { readonly kind: 'answered'; readonly answer: unknown }
    | { readonly kind: 'failed'; readonly detail: string }
  >;
}

export interface ReconcileSessionOptions extends Pick<ReconcileRequest, 'scope' | 'dryRun'> {
  /** Called after each part of the table but the last. */
  readonly onProgress: (parts: number) => void;
}

/** A page is a megabyte of the table; an invocation ends within about a minute. */
const PAGES_PER_INVOCATION = 20;
const MAX_ATTEMPTS = 3;

/** The function failed three times. What it had repaired until then stays repaired. */
export class ReconciliationFailedError extends Error {
  override readonly name = 'ReconciliationFailedError';
}

/** @throws ReconciliationFailedError, and what the invocation throws. */
export async function runReconciliation(
  fn: ReconcileFunction,
  { scope, dryRun, onProgress }: ReconcileSessionOptions,
): Promise<ReconcileReport> {
  let whole: ReconcileReport | null = null;
  let startKey: string | null = null;
  for (let parts = 1; ; parts++) {
    const part = await invoke(fn, { scope, dryRun, startKey, maxPages: PAGES_PER_INVOCATION });
    whole = whole === null ? part : addReports(whole, part);
    if (part.nextKey === null) return whole;
    startKey = part.nextKey;
    onProgress(parts);
  }
}

/** Invoking a part again is safe: what was repaired is settled then. */
async function invoke(fn: ReconcileFunction, request: ReconcileRequest): Promise<ReconcileReport> {
  let detail = '';
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await fn.invoke(toReconcileRequestJson(request));
    if (result.kind === 'failed') {
      ({ detail } = result);
      continue;
    }
    const report = parseReconcileResponse(result.answer);
    if (report !== null) return report;
    detail = 'this version of sluice cannot read its response: use the version that was deployed';
  }
  throw new ReconciliationFailedError(detail);
}
