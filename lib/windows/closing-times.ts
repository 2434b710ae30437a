/**
 * When windows by the clock close. A day without 02:30 closes at the moment at which the clock goes forward, and a day
 * that has 02:30 twice closes at the first of them.
 */
import { Cron } from 'croner';
import type { ClosingSchedule } from '../compiled-config/compiled-coalescing.ts';

const MINUTE_MS = 60_000;

export class ClosingTimes {
  readonly #patterns: readonly Cron[];
  /** Nothing closes between these two, which most questions are about. */
  #between: { readonly fromEpochMs: number; readonly nextEpochMs: number } | null = null;

  constructor({ patterns, zone }: ClosingSchedule) {
    this.#patterns = patterns.map((pattern) => new Cron(pattern, { timezone: zone, paused: true }));
  }

  /** Return the first closing after this moment; null when there is none any more. */
  nextAfter(epochMs: number): number | null {
    const known = this.#between;
    if (known !== null && known.fromEpochMs <= epochMs && epochMs < known.nextEpochMs)
      return known.nextEpochMs;
    const next = earliest(this.#patterns.map((pattern) => pattern.nextRun(new Date(epochMs))));
    if (next !== null) this.#between = { fromEpochMs: epochMs, nextEpochMs: next };
    return next;
  }

  /** Return the last closing before this one; the moment itself when there is none. */
  previousBefore(epochMs: number): number {
    const found = this.#patterns.flatMap((pattern) => pattern.previousRuns(1, new Date(epochMs)));
    let previous = Math.max(...found.map((date) => date.getTime()).filter((each) => each < epochMs));
    if (!Number.isFinite(previous)) return epochMs;
    // Where the clock goes back, the search backwards and the search forwards may differ: the latter decides.
    for (;;) {
      const next = this.nextAfter(previous);
      if (next === null || next >= epochMs) return previous;
      previous = next;
    }
  }
}

const KNOWN = new Map<string, ClosingTimes>();

/** Keep what was made of a schedule: a route asks for it with each batch. */
export function closingTimesOf(schedule: ClosingSchedule): ClosingTimes {
  const name = scheduleName(schedule);
  const known = KNOWN.get(name) ?? new ClosingTimes(schedule);
  KNOWN.set(name, known);
  return known;
}

/** Windows of different schedules are in different series. */
export function scheduleName({ patterns, zone }: ClosingSchedule): string {
  return `${zone} ${patterns.join('; ')}`;
}

/** Sequences of windows by the clock are the minutes since 1970 at whose beginning they close. */
export function sequenceOfClosing(epochMs: number): number {
  return epochMs / MINUTE_MS;
}

export function closingOfSequence(sequence: number): number {
  return sequence * MINUTE_MS;
}

function earliest(dates: readonly (Date | null)[]): number | null {
  const times = dates.flatMap((date) => (date === null ? [] : [date.getTime()]));
  return times.length === 0 ? null : Math.min(...times);
}

/** Any day would do: schedules of years that have passed are refused. */
const FIRST_EPOCH_MS = Date.UTC(2026, 0, 1);
const MAX_INTERVALS = 1_000;

/** The longest time between two of its next thousand closings, in seconds; infinite when they come to an end. */
export function longestIntervalSeconds(schedule: ClosingSchedule): number {
  const times = closingTimesOf(schedule);
  let longestMs = 0;
  let from = FIRST_EPOCH_MS;
  for (let interval = 0; interval < MAX_INTERVALS; interval++) {
    const next = times.nextAfter(from);
    if (next === null) return Infinity;
    if (interval > 0) longestMs = Math.max(longestMs, next - from);
    from = next;
  }
  return longestMs / 1_000;
}
