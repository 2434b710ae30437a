/**
 * What `sluice reconcile`, the schedule and the function say to each other, by an invocation of the function:
 *
 * ```json
 * { "sluiceReconcile": 1, "scope": "everything", "dryRun": true, "startKey": null, "maxPages": 20 }
 * { "sluiceReconcile": 1, "dryRun": true, "windows": { "overdue": 0, … }, "claims": { … }, "nextKey": "C#…" }
 * ```
 */
import { jsonField } from '../json/untrusted-json.ts';
import type { ReconcileReport } from './findings.ts';

export interface ReconcileRequest {
  /** `windows`: only those. `everything`: the claims and the recorded runs, too. */
  readonly scope: 'windows' | 'everything';
  readonly dryRun: boolean;
  /** Where this part of the table begins, as the report of the part before says; null: at the beginning. */
  readonly startKey: string | null;
  /** Of the table, in this invocation; null: as many as there is time for. */
  readonly maxPages: number | null;
}

/** What `readReconcileAnswer` reads. */
export type ReconcileAnswerJson = ReconcileReport & { readonly sluiceReconcile: 1 };

const VERSION_FIELD = 'sluiceReconcile';

export function reconcileRequestJson(request: ReconcileRequest): string {
  return JSON.stringify({ [VERSION_FIELD]: 1, ...request });
}

/** Undefined when the function was invoked with anything else. */
export function readReconcileRequest(event: unknown): ReconcileRequest | undefined {
  if (jsonField(event, VERSION_FIELD) !== 1) return undefined;
  const scope = jsonField(event, 'scope');
  const startKey = jsonField(event, 'startKey') ?? null;
  const maxPages = jsonField(event, 'maxPages') ?? null;
  if (scope !== 'windows' && scope !== 'everything') return undefined;
  if (startKey !== null && typeof startKey !== 'string') return undefined;
  if (maxPages !== null && !isPositiveCount(maxPages)) return undefined;
  // Whoever does not say "false" changes nothing.
  return { scope, dryRun: jsonField(event, 'dryRun') !== false, startKey, maxPages };
}

/** Null when it is no answer of this version. */
export function readReconcileAnswer(answer: unknown): ReconcileReport | null {
  return isAnswer(answer) ? answer : null;
}

/** It was written by the function that was invoked, as its version says. */
function isAnswer(answer: unknown): answer is ReconcileAnswerJson {
  return jsonField(answer, VERSION_FIELD) === 1 && typeof jsonField(answer, 'dryRun') === 'boolean';
}

function isPositiveCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
