/** What a worker is at: the real decision code, as far as its effects were answered. */
import type { overdueWindows } from '../../lib/reconcile/window-sweep.ts';
import type { EffectResult, Program, Effect } from '../../lib/protocol/effects.ts';
import type { DeliveredMember } from '../../lib/routing/member.ts';
import type { BatchContext } from '../../lib/protocol/claim-batch.ts';
import type { Settlements } from '../../lib/protocol/settlement.ts';
import type { Flushing } from '../../lib/protocol/flush-window.ts';
import type { FlushContext, SealedWindow, Sealing } from '../../lib/protocol/seal-window.ts';
import type { WindowRef } from '../../lib/windows/window.ts';
import { RETENTION_SECONDS } from './perform.ts';
import type { Author } from './prefect.ts';
import { readByRead } from './interleaved-reads.ts';
import { rulesOf, type Setting } from './setting.ts';
import { INSTALLATION, OTHER_INSTALLATION, SERIES } from './window-series.ts';
import { eventOf, isElsewhere, memberOf, type Timer } from './state.ts';

export interface DecisionCode {
  readonly settleBatch: (members: readonly DeliveredMember[], context: BatchContext) => Program<Settlements>;
  readonly sealWindow: (ref: WindowRef, context: FlushContext) => Program<Sealing>;
  readonly flushWindow: (sealed: SealedWindow, context: FlushContext) => Program<Flushing>;
  readonly overdueWindows: typeof overdueWindows;
}

export type Job = Delivery | Flush;

export interface Delivery {
  readonly kind: 'delivery';
  readonly events: readonly string[];
  /** The records that bring them, in their order. */
  readonly origins: readonly string[];
  readonly mode: 'run' | 'window';
  readonly routeVersion: string;
  readonly deploymentRef: string;
  readonly redelivered: boolean;
  /** Of a redrive: by event, the batch that its letter names. */
  readonly letters: Readonly<Record<string, string>> | null;
  readonly nowEpochMs: number;
}

export interface Flush {
  readonly kind: 'flush';
  readonly timer: Timer;
  /** Whether the worker holds the timer's message: it comes again if the worker dies. */
  readonly holdsMessage: boolean;
  readonly nowEpochMs: number;
}

export type Conclusion =
  | { readonly kind: 'settled'; readonly settlements: Settlements }
  | {
      readonly kind: 'flush-ended';
      readonly isDone: boolean;
      /** Whether the window was flushed under another version of the route than it was opened under. */
      readonly isOtherVersion: boolean;
    };

export type Next =
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'done'; readonly conclusion: Conclusion };

/** A job with all answers so far, which is all that its next effect depends on. */
export class Work {
  readonly id: number;
  readonly job: Job;
  readonly next: Next;
  readonly #works: Works;
  readonly #results: readonly EffectResult[];
  readonly #onward = new Map<string, Work>();

  constructor(works: Works, job: Job, results: readonly EffectResult[]) {
    this.#works = works;
    this.#results = results;
    this.job = job;
    this.id = works.nextId();
    this.next = works.nextOf(job, results);
  }

  /** The same object for the same answers. */
  after(result: EffectResult): Work {
    const key = JSON.stringify(result, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    const known = this.#onward.get(key);
    if (known !== undefined) return known;
    const work = new Work(this.#works, this.job, [...this.#results, result]);
    this.#onward.set(key, work);
    return work;
  }
}

export class Works {
  readonly code: DecisionCode;
  readonly #setting: Setting;
  readonly #begun = new Map<string, Work>();
  #count = 0;

  constructor(code: DecisionCode, setting: Setting) {
    this.code = code;
    this.#setting = setting;
  }

  begin(job: Job): Work {
    const key = JSON.stringify(job);
    const known = this.#begun.get(key);
    if (known !== undefined) return known;
    const work = new Work(this, job, []);
    this.#begun.set(key, work);
    return work;
  }

  nextId(): number {
    return this.#count++;
  }

  nextOf(job: Job, results: readonly EffectResult[]): Next {
    const asking = readByRead(job.kind === 'delivery' ? this.#deliver(job) : this.#flush(job));
    let step = asking.next();
    for (const result of results) step = asking.next(result);
    return step.done === true
      ? { kind: 'done', conclusion: step.value }
      : { kind: 'effect', effect: step.value };
  }

  *#deliver(delivery: Delivery): Program<Conclusion> {
    const { events, origins, mode, routeVersion, deploymentRef, redelivered, letters, nowEpochMs } = delivery;
    const { urgent } = this.#setting;
    const rules = rulesOf(this.#setting, routeVersion);
    const window = {
      ...{ series: SERIES, key: '', rules, routeVersion, deploymentRef, nowEpochMs },
      bytesOf: () => 1,
      urgent: new Set(urgent),
    };
    const { isElsewhere: isOfOther } = authorOf(delivery);
    const settlements = yield* this.code.settleBatch(
      events.map((event, index) => toMember(memberOf(event), origins[index] ?? event)),
      {
        installation: isOfOther ? OTHER_INSTALLATION : INSTALLATION,
        route: 'r',
        deploymentRef,
        nowEpochSeconds: 1,
        leaseUntilEpochSeconds: 2,
        retentionSeconds: RETENTION_SECONDS,
        destination: mode,
        window: mode === 'window' ? window : null,
        redelivered,
        ...(letters && { redrive: new Map(Object.entries(letters).map(([event, dead]) => [event, [dead]])) }),
      },
    );
    const ofEvents = [...settlements].map(
      ([key, settlement]) => [eventOf(key, isOfOther), settlement] as const,
    );
    return { kind: 'settled', settlements: new Map(ofEvents) };
  }

  *#flush({ timer, nowEpochMs }: Flush): Program<Conclusion> {
    const { sequence, routeVersion } = timer;
    const context = {
      installation: INSTALLATION,
      requestedVersion: routeVersion,
      nowEpochMs,
      leaseUntilEpochMs: nowEpochMs + 1,
    };
    const sealing = yield* this.code.sealWindow({ series: SERIES, sequence }, context);
    if (sealing.kind !== 'sealed')
      return { kind: 'flush-ended', isDone: sealing.kind !== 'retry', isOtherVersion: false };
    const { window, route } = sealing.sealed;
    const isOtherVersion = route.version !== window.routeVersion;
    const { retryReason } = yield* this.code.flushWindow(sealing.sealed, context);
    return { kind: 'flush-ended', isDone: retryReason === null, isOtherVersion };
  }
}

/** A flush renders the version that its window has, which the promise S5 is about. */
export function authorOf(job: Job): Author {
  if (job.kind === 'flush') return { routeVersion: null, isElsewhere: false };
  return { routeVersion: job.routeVersion, isElsewhere: job.events.some(isElsewhere) };
}

function toMember(event: string, origin: string): DeliveredMember {
  return { claimKey: event, memberId: event, origin };
}
