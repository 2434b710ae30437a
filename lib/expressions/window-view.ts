/** The window of a flow run, as CEL expressions see it. */
import { Timestamp, timestampOf } from './timestamp.ts';

/** What a flow run's expressions may know of the window that its events were collected in. */
export interface RunWindow {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** What `coalesce.key` yielded; empty without one. */
  readonly key: string;
  /** Why the window was closed. */
  readonly reason: string;
  /** How many events are in the run. */
  readonly count: number;
}

/** Fields of `window` in CEL, with their CEL types. None is ever absent. */
export const WINDOW_FIELDS = {
  start: 'Timestamp',
  end: 'Timestamp',
  key: 'string',
  reason: 'string',
  count: 'int',
} as const;

/** The class is what CEL's type checker recognizes. */
export class WindowView {
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly key: string;
  readonly reason: string;
  readonly count: bigint;

  constructor({ startEpochMs, endEpochMs, key, reason, count }: RunWindow) {
    this.start = timestampAt(startEpochMs);
    this.end = timestampAt(endEpochMs);
    this.key = key;
    this.reason = reason;
    this.count = BigInt(count);
  }
}

/** A time that a producer made up may be beyond the year 9999. */
const LATEST = new Timestamp(253_402_300_799, 0);

function timestampAt(epochMs: number): Timestamp {
  const epochSeconds = Math.floor(epochMs / 1_000);
  return timestampOf(epochSeconds, (epochMs - epochSeconds * 1_000) * 1_000_000) ?? LATEST;
}
