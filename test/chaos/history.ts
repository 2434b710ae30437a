/** What happened in a run of the check, in order: what was sent, what the system responded, and which faults were injected. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EventKey } from './event.ts';

export type HistoryEntry =
  | {
      readonly kind: 'sent';
      readonly atMs: number;
      readonly event: EventKey;
      readonly source: string;
      /** `indeterminate`: the sender received an error, or nothing; the event may have been accepted all the same. */
      readonly result: 'accepted' | 'indeterminate';
      readonly detail: string;
    }
  | {
      readonly kind: 'fault';
      readonly atMs: number;
      readonly fault: string;
      readonly phase: 'begins' | 'ends';
      readonly detail: string;
    };

export class History {
  readonly file: string;
  readonly #entries: HistoryEntry[] = [];
  readonly #nowMs: () => number;

  /** Append each entry to `file` as well, so that a run that is interrupted leaves its history behind. */
  constructor(file: string, nowMs: () => number = Date.now) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    this.#nowMs = nowMs;
  }

  recordSent(event: EventKey, source: string, result: 'accepted' | 'indeterminate', detail: string): void {
    this.#append({ kind: 'sent', atMs: this.#nowMs(), event, source, result, detail });
  }

  recordFault(fault: string, phase: 'begins' | 'ends', detail = ''): void {
    this.#append({ kind: 'fault', atMs: this.#nowMs(), fault, phase, detail });
  }

  /** List what was sent of an event, and the faults that began or ended between its first send and `untilMs`. */
  concerning(event: EventKey, untilMs: number): readonly HistoryEntry[] {
    const sends = this.#entries.filter((entry) => entry.kind === 'sent' && entry.event === event);
    const fromMs = sends[0]?.atMs ?? untilMs;
    return this.#entries.filter(
      (entry) =>
        (entry.kind === 'sent' && entry.event === event) ||
        (entry.kind === 'fault' && entry.atMs >= fromMs - SHORTLY_BEFORE_MS && entry.atMs <= untilMs),
    );
  }

  #append(entry: HistoryEntry): void {
    this.#entries.push(entry);
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }
}

/** A fault that began before an event was sent may still be active. */
const SHORTLY_BEFORE_MS = 10_000;

export function describeEntry(entry: HistoryEntry, startedAtMs: number): string {
  const seconds = `${((entry.atMs - startedAtMs) / 1_000).toFixed(1).padStart(7)} s`;
  return entry.kind === 'sent'
    ? `${seconds}  sent to ${entry.source}: ${entry.result} ${entry.detail}`.trimEnd()
    : `${seconds}  ${entry.fault} ${entry.phase} ${entry.detail}`.trimEnd();
}
