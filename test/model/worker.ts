/** What a worker is at: the real decision code, as far as its effects were answered. */
import type { overdueWindows } from '../../lib/reconcile/window-sweep.ts';
import type { Answer, Asking, Effect } from '../../lib/protocol/effects.ts';
import type { Member } from '../../lib/routing/member.ts';
import type { BatchTerms } from '../../lib/protocol/claim-batch.ts';
import type { Settlements } from '../../lib/protocol/settlement.ts';
import type { Flushing } from '../../lib/protocol/flush-window.ts';
import type { FlushTerms, SealedWindow, Sealing } from '../../lib/protocol/seal-window.ts';
import type { WindowPlace } from '../../lib/windows/window.ts';
import { readByRead } from './interleaved-reads.ts';
import type { Setting } from './setting.ts';
import { LINE } from './window-line.ts';
import type { Timer } from './state.ts';

export interface DecisionCode {
  readonly settleBatch: (members: readonly Member[], terms: BatchTerms) => Asking<Settlements>;
  readonly sealWindow: (place: WindowPlace, terms: FlushTerms) => Asking<Sealing>;
  readonly flushWindow: (sealed: SealedWindow, terms: FlushTerms) => Asking<Flushing>;
  readonly overdueWindows: typeof overdueWindows;
}

export type Job = Delivery | Flush;

export interface Delivery {
  readonly kind: 'delivery';
  readonly events: readonly string[];
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
  readonly isDeployed: boolean;
  readonly nowEpochMs: number;
}

export type Conclusion =
  | { readonly kind: 'settled'; readonly settlements: Settlements }
  | { readonly kind: 'flush-ended'; readonly isDone: boolean };

export type Next =
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'done'; readonly conclusion: Conclusion };

/** A job with all answers so far, which is all that its next effect depends on. */
export class Work {
  readonly id: number;
  readonly job: Job;
  readonly next: Next;
  readonly #works: Works;
  readonly #answers: readonly Answer[];
  readonly #onward = new Map<string, Work>();

  constructor(works: Works, job: Job, answers: readonly Answer[]) {
    this.#works = works;
    this.#answers = answers;
    this.job = job;
    this.id = works.nextId();
    this.next = works.nextOf(job, answers);
  }

  /** The same object for the same answers. */
  after(answer: Answer): Work {
    const key = JSON.stringify(answer, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    const known = this.#onward.get(key);
    if (known !== undefined) return known;
    const work = new Work(this.#works, this.job, [...this.#answers, answer]);
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

  nextOf(job: Job, answers: readonly Answer[]): Next {
    const asking = readByRead(job.kind === 'delivery' ? this.#deliver(job) : this.#flush(job));
    let step = asking.next();
    for (const answer of answers) step = asking.next(answer);
    return step.done === true
      ? { kind: 'done', conclusion: step.value }
      : { kind: 'effect', effect: step.value };
  }

  *#deliver(delivery: Delivery): Asking<Conclusion> {
    const { events, mode, routeVersion, deploymentRef, redelivered, letters, nowEpochMs } = delivery;
    const { rules, urgent } = this.#setting;
    const window = {
      ...{ line: LINE, key: '', rules, routeVersion, deploymentRef, nowEpochMs },
      bytesOf: () => 1,
      urgent: new Set(urgent),
    };
    const settlements = yield* this.code.settleBatch(events.map(toMember), {
      route: 'r',
      deploymentRef,
      nowEpochSeconds: 1,
      leaseUntilEpochSeconds: 2,
      retentionSeconds: RETAIN_SECONDS,
      destination: mode,
      window: mode === 'window' ? window : null,
      redelivered,
      ...(letters && { redrive: new Map(Object.entries(letters).map(([event, dead]) => [event, [dead]])) }),
    });
    return { kind: 'settled', settlements };
  }

  *#flush({ timer, isDeployed, nowEpochMs }: Flush): Asking<Conclusion> {
    const { sequence, routeVersion } = timer;
    const { rules } = this.#setting;
    const terms = { rules, routeVersion, isDeployed, nowEpochMs, retentionSeconds: RETAIN_SECONDS };
    const sealing = yield* this.code.sealWindow({ line: LINE, sequence }, terms);
    if (sealing.kind !== 'sealed') return { kind: 'flush-ended', isDone: sealing.kind !== 'again' };
    const { again } = yield* this.code.flushWindow(sealing.sealed, terms);
    return { kind: 'flush-ended', isDone: again === null };
  }
}

const RETAIN_SECONDS = 1_000;

function toMember(event: string): Member {
  return { claimKey: event, memberId: event };
}
