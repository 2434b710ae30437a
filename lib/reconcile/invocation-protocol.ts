/**
 * Request and response of a reconciliation: `sluice reconcile` and the schedule invoke the function.
 *
 * ```json
 * { "sluiceReconcile": 1, "scope": "everything", "dryRun": true, "startKey": null, "maxPages": 20 }
 * { "sluiceReconcile": 1, "dryRun": true, "windows": { "overdue": 0, … }, "claims": { … }, "nextKey": "C#…" }
 * ```
 */
import { jsonField } from '../json/untrusted-json.ts';
import type { ReconcileReport } from './findings.ts';

export interface ReconcileRequest {
  /** `windows` sweeps windows only; `everything` also looks at claims and recorded runs. */
  readonly scope: 'windows' | 'everything';
  readonly dryRun: boolean;
  /** The `nextKey` of the part before; null to begin at the start of the table. */
  readonly startKey: string | null;
  /** The number of pages to read in this invocation; null for as many as there is time for. */
  readonly maxPages: number | null;
}

/** The JSON that `parseReconcileResponse` parses. */
export type ReconcileResponseJson = ReconcileReport & { readonly sluiceReconcile: 1 };

const VERSION_FIELD = 'sluiceReconcile';

export function toReconcileRequestJson(request: ReconcileRequest): string {
  return JSON.stringify({ [VERSION_FIELD]: 1, ...request });
}

/** Return `undefined` if the function was invoked with anything else. */
export function parseReconcileRequest(event: unknown): ReconcileRequest | undefined {
  if (jsonField(event, VERSION_FIELD) !== 1) return undefined;
  const scope = jsonField(event, 'scope');
  const startKey = jsonField(event, 'startKey') ?? null;
  const maxPages = jsonField(event, 'maxPages') ?? null;
  if (scope !== 'windows' && scope !== 'everything') return undefined;
  if (startKey !== null && typeof startKey !== 'string') return undefined;
  if (maxPages !== null && !isPositiveCount(maxPages)) return undefined;
  // Any value but false changes nothing.
  return { scope, dryRun: jsonField(event, 'dryRun') !== false, startKey, maxPages };
}

/** Return null unless it is a response of this version. */
export function parseReconcileResponse(response: unknown): ReconcileReport | null {
  return isReconcileResponse(response) ? response : null;
}

/** The invoked function wrote it, so its version vouches for its shape. */
function isReconcileResponse(response: unknown): response is ReconcileResponseJson {
  return jsonField(response, VERSION_FIELD) === 1 && typeof jsonField(response, 'dryRun') === 'boolean';
}

function isPositiveCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
