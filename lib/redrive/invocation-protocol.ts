/**
 * What `sluice redrive` and a source's function say to each other, by a synchronous invocation of the function:
 *
 * ```json
 * { "sluiceRedrive": 1, "mode": "plan", "letters": [ { "sluiceDeadLetter": 1, … } ] }
 * { "sluiceRedrive": 1, "fates": [ { "kind": "planned", "route": "process-orders", … } ], "plannedRuns": { "process-orders": 1 } }
 * ```
 *
 * Whoever may invoke the function may say where an event was received, so that permission is all that guards it.
 */
import { isObject, isString, textOrNull } from '../json/untrusted-json.ts';

/** `plan`: decode, route and batch them, and ask neither the table nor Prefect. */
export type RedriveMode = 'plan' | 'run';

export interface RedriveRequest {
  readonly mode: RedriveMode;
  /** JSON values; whether they are letters is seen when they are read. */
  readonly letters: readonly unknown[];
}

/**
 * - `created`, `held`, `duplicate`, `dead-lettered`: settled. Of a new death there is a new letter.
 * - `planned`: would be claimed and sent. `retry`: nobody's fault, redrive it again later.
 * - `unwanted`: no route takes the event any more. `unreadable`: it is no letter of this source.
 */
export type FateKind =
  'created' | 'held' | 'duplicate' | 'dead-lettered' | 'planned' | 'retry' | 'unwanted' | 'unreadable';

/** What became of one letter; of its outcomes, if they are several, the one that needs most attention. */
export interface LetterFate {
  readonly kind: FateKind;
  readonly route: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** Of the runs that its events are in; of a dead letter, the run that never executes. */
  readonly flowRunIds: readonly string[];
}

export interface RedriveAnswer {
  /** In the order of the letters. */
  readonly fates: readonly LetterFate[];
  /** Flow runs by route, in mode `plan`. What would go into a window makes none yet. */
  readonly plannedRuns: Readonly<Record<string, number>>;
}

/** Lambda takes 6 MiB; the rest is room for the frame. */
export const MAX_LETTERS_BYTES = 6 * 1024 * 1024 - 1024;

const IS_SETTLED = {
  'created': true,
  'held': true,
  'duplicate': true,
  'dead-lettered': true,
  'planned': false,
  'retry': false,
  'unwanted': false,
  'unreadable': false,
} as const satisfies Record<FateKind, boolean>;

/** Whether nothing more is owed for the letter, so that it may be deleted. */
export function isSettled({ kind }: LetterFate): boolean {
  return IS_SETTLED[kind];
}

/** Letters go in as the texts that they are: nothing is printed anew. */
export function requestJson(mode: RedriveMode, letterJsons: readonly string[]): string {
  return `{"sluiceRedrive":1,"mode":${JSON.stringify(mode)},"letters":[${letterJsons.join(',')}]}`;
}

/** Undefined when the function was invoked with anything else. */
export function readRedriveRequest(event: unknown): RedriveRequest | undefined {
  if (!isObject(event) || event['sluiceRedrive'] !== 1 || !Array.isArray(event['letters'])) return undefined;
  // Whoever does not say "run" changes nothing.
  return { mode: event['mode'] === 'run' ? 'run' : 'plan', letters: event['letters'] };
}

/** Null when it is no answer to so many letters: then nothing is known of any of them. */
export function readRedriveAnswer(answer: unknown, letterCount: number): RedriveAnswer | null {
  if (!isObject(answer) || answer['sluiceRedrive'] !== 1 || !Array.isArray(answer['fates'])) return null;
  const fates = answer['fates'].map(readFate).filter((fate) => fate !== null);
  if (fates.length !== letterCount || answer['fates'].length !== letterCount) return null;
  const plannedRuns = isObject(answer['plannedRuns']) ? answer['plannedRuns'] : {};
  const counts = Object.entries(plannedRuns).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { fates, plannedRuns: Object.fromEntries(counts) };
}

function readFate(value: unknown): LetterFate | null {
  if (!isObject(value) || !isFateKind(value['kind'])) return null;
  const flowRunIds: readonly unknown[] = Array.isArray(value['flowRunIds']) ? value['flowRunIds'] : [];
  return {
    kind: value['kind'],
    route: textOrNull(value['route']) ?? null,
    code: textOrNull(value['code']) ?? null,
    detail: textOrNull(value['detail']) ?? null,
    flowRunIds: flowRunIds.filter(isString),
  };
}

function isFateKind(value: unknown): value is FateKind {
  return isString(value) && Object.hasOwn(IS_SETTLED, value);
}
