/** A whole reconciliation from outside: the function is invoked until nothing is left. */
import { readReconcileAnswer, reconcileRequestJson, type ReconcileRequest } from './invocation-protocol.ts';
import { addReports, type ReconcileReport } from './findings.ts';

export interface ReconcileFunction {
  /** `failed`: the invocation did not end as it should, and may have done anything. */
  invoke(
    requestJson: string,
  ): Promise<
    | { readonly kind: 'answered'; readonly answer: unknown }
    | { readonly kind: 'failed'; readonly detail: string }
  >;
}

export interface SessionTerms extends Pick<ReconcileRequest, 'scope' | 'dryRun'> {
  /** Told after each part but the last. */
  readonly onProgress: (parts: number) => void;
}

/** Of the table in an invocation: a megabyte each, so that an invocation ends within a minute or so. */
const PAGES_PER_INVOCATION = 20;
const MAX_ATTEMPTS = 3;

/** The function did not answer as it should, three times. What was done until then was done. */
export class ReconciliationFailedError extends Error {
  override readonly name = 'ReconciliationFailedError';
  readonly canRetry = true;
}

/** @throws ReconciliationFailedError, and whatever invoking throws. */
export async function runReconciliation(
  fn: ReconcileFunction,
  { scope, dryRun, onProgress }: SessionTerms,
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

/** A part may be done again: what was repaired is settled then. */
async function invoke(fn: ReconcileFunction, request: ReconcileRequest): Promise<ReconcileReport> {
  let detail = '';
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await fn.invoke(reconcileRequestJson(request));
    if (result.kind === 'failed') {
      ({ detail } = result);
      continue;
    }
    const report = readReconcileAnswer(result.answer);
    if (report !== null) return report;
    detail =
      'its answer is not one that this version of sluice understands: use the version that was deployed';
  }
  throw new ReconciliationFailedError(detail);
}
