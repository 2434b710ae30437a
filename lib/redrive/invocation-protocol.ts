/**
 * Request and response of a redrive: `sluice redrive` invokes the function of a source synchronously.
 *
 * ```json
 * { "sluiceRedrive": 1, "mode": "plan", "deadLetters": [ { "sluiceDeadLetter": 1, … } ] }
 * { "sluiceRedrive": 1, "results": [ { "kind": "planned", "route": "process-orders", … } ], "plannedRuns": { "process-orders": 1 } }
 * ```
 *
 * The caller decides where an event was received, so the permission to invoke the function is the only guard.
 */
import { isObject, isString, textOrNull } from '../json/untrusted-json.ts';

/** `plan` decodes, routes and batches the dead letters, and asks neither the table nor Prefect. */
export type RedriveMode = 'plan' | 'run';

export interface RedriveRequest {
  readonly mode: RedriveMode;
  /** Unverified JSON values: `parseDeadLetter` checks each of them. */
  readonly deadLetters: readonly unknown[];
}

/**
 * - `created`, `held`, `duplicate`: the event is in a flow run or in a window.
 * - `dead-lettered`: the event failed again, and a new dead letter was written.
 * - `planned`: the event would be claimed and sent.
 * - `retry`: a transient failure; redrive it again later.
 * - `no-route`: no route takes the event any more.
 * - `invalid`: it is not a dead letter of this source, or it cannot be read.
 */
export type RedriveResultKind =
  'created' | 'held' | 'duplicate' | 'dead-lettered' | 'planned' | 'retry' | 'no-route' | 'invalid';

/** The result for one dead letter. If it has several outcomes, this is the one that needs the most attention. */
export interface RedriveResult {
  readonly kind: RedriveResultKind;
  readonly route: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** The runs that hold its events, or the dead run that settles its key. */
  readonly flowRunIds: readonly string[];
}

export interface RedriveResponse {
  /** One result for each dead letter, in the order of the request. */
  readonly results: readonly RedriveResult[];
  /** The number of flow runs for each route, in mode `plan`. Events for a window are not counted. */
  readonly plannedRuns: Readonly<Record<string, number>>;
}

/** Lambda accepts 6 MiB; the rest is room for the envelope of the request. */
export const MAX_REQUEST_BYTES = 6 * 1024 * 1024 - 1024;

const IS_SETTLED = {
  'created': true,
  'held': true,
  'duplicate': true,
  'dead-lettered': true,
  'planned': false,
  'retry': false,
  'no-route': false,
  'invalid': false,
} as const satisfies Record<RedriveResultKind, boolean>;

/** Return whether the dead letter needs no further work, so that its message may be deleted. */
export function isSettled({ kind }: RedriveResult): boolean {
  return IS_SETTLED[kind];
}

/** Build a request around the JSON texts of dead letters, without parsing and printing them again. */
export function toRedriveRequestJson(mode: RedriveMode, deadLetterJsons: readonly string[]): string {
  return `{"sluiceRedrive":1,"mode":${JSON.stringify(mode)},"deadLetters":[${deadLetterJsons.join(',')}]}`;
}

/** Return `undefined` if the function was invoked with anything else. */
export function parseRedriveRequest(event: unknown): RedriveRequest | undefined {
  if (!isObject(event) || event['sluiceRedrive'] !== 1 || !Array.isArray(event['deadLetters']))
    return undefined;
  // Any mode but "run" changes nothing.
  return { mode: event['mode'] === 'run' ? 'run' : 'plan', deadLetters: event['deadLetters'] };
}

/** Return null unless it is a response for this many dead letters: then nothing is known about any of them. */
export function parseRedriveResponse(response: unknown, deadLetterCount: number): RedriveResponse | null {
  if (!isObject(response) || response['sluiceRedrive'] !== 1 || !Array.isArray(response['results']))
    return null;
  const results = response['results'].map(parseResult).filter((result) => result !== null);
  if (results.length !== deadLetterCount || response['results'].length !== deadLetterCount) return null;
  const plannedRuns = isObject(response['plannedRuns']) ? response['plannedRuns'] : {};
  const counts = Object.entries(plannedRuns).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { results, plannedRuns: Object.fromEntries(counts) };
}

function parseResult(value: unknown): RedriveResult | null {
  if (!isObject(value) || !isResultKind(value['kind'])) return null;
  const flowRunIds: readonly unknown[] = Array.isArray(value['flowRunIds']) ? value['flowRunIds'] : [];
  return {
    kind: value['kind'],
    route: textOrNull(value['route']) ?? null,
    code: textOrNull(value['code']) ?? null,
    detail: textOrNull(value['detail']) ?? null,
    flowRunIds: flowRunIds.filter(isString),
  };
}

function isResultKind(value: unknown): value is RedriveResultKind {
  return isString(value) && Object.hasOwn(IS_SETTLED, value);
}
