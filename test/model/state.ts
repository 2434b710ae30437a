/**
 * The world of the claim and window protocols, small enough to explore whole: a table, Prefect, queues, a source that
 * redelivers. State is immutable; what changes it is one effect of one worker (`perform.ts`), or one fault.
 */
import type { AppendChunkEffect } from '../../lib/protocol/window-effects.ts';
import type { PartDeployment } from '../../lib/windows/window.ts';

export interface World {
  /** Claims: event → batch. */
  readonly claims: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, StoredRecord>>;
  readonly chunks: Readonly<Record<string, StoredChunk>>;
  /** The line's highest sequence that was opened or given up. */
  readonly head: number | null;
  /** By sequence. */
  readonly windows: Readonly<Record<number, StoredWindow>>;
  readonly timers: readonly Timer[];
  readonly runs: readonly Run[];
  /** Requests whose sender gave up or died: they may still be acted on, much later. */
  readonly late: readonly LateRequest[];
  readonly acknowledged: readonly string[];
  /** `<event> <batch>` for each dead letter: the batch in which it says that the event died. */
  readonly letters: readonly string[];
  readonly delivered: readonly string[];
  /** Events of which a redrive has begun: copies of their letters may be left. */
  readonly redriven: readonly string[];
  /** What the route's deployment is today. */
  readonly deploymentRef: string;
  /** Deployments that were deleted: 404 from then on, for late requests too. */
  readonly deleted: readonly string[];
  /** Whether Prefect refuses a batch that holds the poison event. */
  readonly refusing: boolean;
  /** The route as it is deployed today. */
  readonly route: { readonly mode: 'run' | 'window'; readonly version: string };
  /** Whether a window was flushed under another version of the route than it was opened under. */
  readonly flushedUnderOtherVersion: boolean;
  /** By deployment, the version of the route whose parameters it takes. One that is not listed takes those of any. */
  readonly takes: Readonly<Record<string, string>>;
  /** Whether Prefect refuses parameters of another version: it does where deployments enforce their schema. */
  readonly checksParameters: boolean;
  /** The table of another installation, whose events are marked (`isElsewhere`). */
  readonly elsewhere: Pick<World, 'claims' | 'records'>;
  /** Events whose claim has expired, and is still there. */
  readonly expired: readonly string[];
  /** How often the key of an event was sent again after its retention was over. */
  readonly generations: Readonly<Record<string, number>>;
}

export interface StoredRecord {
  readonly members: readonly string[];
  readonly dead: boolean;
}

export interface StoredChunk {
  /** Of its window; null when the batch was given up before it was appended. */
  readonly sequence: number | null;
  readonly members: readonly string[];
  /** Its events are dropped, and it expires. */
  readonly isClosed: boolean;
  /** Events of which it holds an earlier generation. */
  readonly past?: readonly string[];
}

export interface StoredWindow {
  readonly state: 'open' | 'sealed' | 'flushed';
  readonly count: number;
  readonly chunkIds: readonly string[];
  readonly routeVersion: string;
  readonly dueEpochMs: number;
  readonly deadlineEpochMs: number;
  readonly deployments: readonly PartDeployment[];
  readonly isClosed: boolean;
}

/** A message of the timer queue. Two that are alike count as one: what is delivered twice is a fault of its own. */
export interface Timer {
  readonly sequence: number;
  readonly routeVersion: string;
}

export interface Run {
  /** The flow that it belongs to: keys are unique per flow. */
  readonly flow: string;
  readonly batchId: string;
  readonly members: readonly string[];
  readonly dead: boolean;
  readonly deleted: boolean;
  /** It has the parameters of a version that its deployment does not take. */
  readonly isForeign?: true;
  /** Another installation created it. */
  readonly isElsewhere?: true;
  /** Events of which it holds an earlier generation: they do not count for the promise any more. */
  readonly past?: readonly string[];
}

export type LateRequest = CreateRequest | { readonly kind: 'append'; readonly effect: AppendChunkEffect };

export interface CreateRequest {
  readonly kind: 'create';
  readonly flow: string;
  readonly batchId: string;
  readonly members: readonly string[];
  readonly dead: boolean;
  readonly isForeign?: true;
  readonly isElsewhere?: true;
}

export const EMPTY_WORLD: World = {
  claims: {},
  records: {},
  chunks: {},
  head: null,
  windows: {},
  timers: [],
  runs: [],
  late: [],
  acknowledged: [],
  letters: [],
  delivered: [],
  redriven: [],
  deploymentRef: 'D1',
  deleted: [],
  refusing: true,
  route: { mode: 'run', version: 'v1' },
  flushedUnderOtherVersion: false,
  takes: {},
  checksParameters: true,
  elsewhere: { claims: {}, records: {} },
  expired: [],
  generations: {},
};

export const POISON = 'p';

const ELSEWHERE = '@2';

/** Whether the event is one of the other installation: `a@2` has the key that `a` has here. */
export function isElsewhere(event: string): boolean {
  return event.endsWith(ELSEWHERE);
}

/** The key of an event, which is all that an installation knows of it. */
export function memberOf(event: string): string {
  return isElsewhere(event) ? event.slice(0, -ELSEWHERE.length) : event;
}

export function eventOf(member: string, isOfOther: boolean): string {
  return isOfOther ? member + ELSEWHERE : member;
}

/** Promises of the parts around the decision code that mutations break. */
export interface Behaviour {
  /** A claim's put overwrites. */
  readonly insertOverwrites?: true;
  /** A claim moves from whatever batch it names. */
  readonly moveIsUnconditional?: true;
  /** A chunk comes into a window that is not open. */
  readonly appendIgnoresState?: true;
  /** A chunk comes into a window that cannot hold it. */
  readonly appendIgnoresCaps?: true;
  /** A window is sealed whatever state it is in. */
  readonly sealIgnoresState?: true;
  /** A sequence is given up without raising the head. */
  readonly burnLeavesHead?: true;
  /** A window's deployments change, whatever they were. */
  readonly redirectIsUnconditional?: true;
  /** A chunk that is there may be missing in what is read. */
  readonly chunkReadsAreStale?: true;
  /** The message of a timer is deleted before the work that it asks for is done. */
  readonly timerEndsBeforeFlush?: true;
  /** The head of a line whose windows are all flushed expires. */
  readonly idleHeadExpires?: true;
}

/** The same text for worlds that differ in the order of things only. */
export function textOf(world: World): string {
  const { claims, records, chunks, windows, timers, runs, late, ...plain } = world;
  return JSON.stringify([
    byKey(claims),
    byKey(records),
    byKey(chunks),
    byKey(windows),
    sortedTexts(timers),
    sortedTexts(runs),
    sortedTexts(late),
    plain,
  ]);
}

function byKey(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}

function sortedTexts(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort();
}

export function letterOf(event: string, batchId: string): string {
  return `${event} ${batchId}`;
}

export function withLetters(world: World, letters: readonly string[]): World {
  return { ...world, letters: union(world.letters, letters) };
}

export function isDeadLettered({ letters }: World, event: string): boolean {
  return letters.some((letter) => letter.startsWith(letterOf(event, '')));
}

export function union(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...some, ...others])].sort();
}

/** Whether the route is deployed today as it was in this version. */
export function isRouteDeployed({ route }: World, version: string): boolean {
  return route.mode === 'window' && route.version === version;
}

/** The record that brings an event: another one for each generation of its key. */
export function originOf({ generations }: World, event: string): string {
  return `${memberOf(event)}#${generations[event] ?? 0}`;
}
