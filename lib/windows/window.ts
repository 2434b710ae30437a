/**
 * A window: an open batch of one route and one window key that outlives an invocation. Windows of one line (route
 * and key) follow each other by sequence; each becomes flow runs of its own.
 *
 *   sequence q can be opened only while the line's head is below q, and opening sets the head to q: never again
 *   open ──▶ sealed ──▶ flushed     chunks come in only while it is open; only sealed windows are read and flushed
 */
import { hash } from 'node:crypto';

/** All windows of one route and one window key, one after the other. */
export interface WindowSeries {
  readonly route: string;
  /** Hash of the window key and of what a sequence means: base64url. */
  readonly keyHash: string;
}

/** Why a window was closed; a label of its flow runs. */
export type FlushReason = 'count' | 'bytes' | 'time' | 'quiet' | 'bypass' | 'route-changed';

export interface OpenedWindow {
  readonly series: WindowSeries;
  readonly sequence: number;
  /** The value of the route's `coalesce.key`; empty when it has none. */
  readonly key: string;
  /** The route as it was when the window was opened: it is flushed under that, whatever was deployed since. */
  readonly routeVersion: string;
  readonly openedAtEpochMs: number;
  /** When it is closed at the latest. */
  readonly deadlineEpochMs: number;
  /** When it is closed if nothing more comes: it moves, in mode `debounce`, up to the deadline. */
  readonly dueEpochMs: number;
}

export interface Window extends OpenedWindow {
  readonly state: 'open' | 'sealed' | 'flushed';
  /** Flushed, and so is every window that covers its events: those are gone, and it expires. */
  readonly isClosed: boolean;
  readonly count: number;
  readonly bytes: number;
  /** How many batches were added to it. Their ids are on pages of their own, so that this item stays small. */
  readonly additions: number;
  /** Null while it is open. */
  readonly reason: FlushReason | null;
  readonly sealedAtEpochMs: number | null;
  /** Until then an invocation may be flushing it; null before the first flush. Liveness only. */
  readonly flushLeaseEpochMs: number | null;
  /** The deployment of each part: that of the last entry that begins at or before it. Never empty but when no event came. */
  readonly deployments: readonly PartDeployment[];
}

/** From this part on the window's runs are created for this deployment. */
export interface PartDeployment {
  readonly fromPart: number;
  readonly deploymentRef: string;
}

export interface WindowRef {
  readonly series: WindowSeries;
  readonly sequence: number;
}

/** `<route>#<hash of the key>#<sequence>`. */
export function windowIdOf({ series, sequence }: WindowRef): string {
  return `${series.route}#${series.keyHash}#${sequence}`;
}

/** `meaning` is what tells sequences of one kind from those of another, for example `sliding/60`. */
export function windowSeriesOf(route: string, meaning: string, key: string): WindowSeries {
  return { route, keyHash: hash('sha256', `${meaning.length}:${meaning}${key}`, 'base64url') };
}
