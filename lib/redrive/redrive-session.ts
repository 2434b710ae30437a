/**
 * One redrive: dead-letter queues are read, the letters that are meant go to the function of their source, and those
 * that are settled are deleted.
 *
 *   receive (hidden for a while) ──▶ invoke the function ──▶ delete what is settled ──▶ at the end: release the rest
 *                                   │                        │
 *                a crash here: they show again       here: redriven again, they are found to be duplicates
 *
 * A plan takes the same way, asks the functions for no more than a plan, and releases everything.
 */
import {
  isSettled,
  MAX_LETTERS_BYTES,
  readRedriveAnswer,
  requestJson,
  type LetterFate,
  type RedriveMode,
} from './invocation-protocol.ts';
import { isMeant, type LetterFilter } from './dead-letter-filter.ts';
import { readLetterMessage, type LetterFacts } from '../dead-letters/dead-letter-message.ts';
import { LetterParts } from '../dead-letters/dead-letter-parts.ts';
import type { HiddenMessage, LetterQueue, Receipt, RedriveFunction } from './redrive-ports.ts';
import { RedriveTally, type RedriveTotals } from './redrive-totals.ts';

export interface RedriveTerms {
  readonly mode: RedriveMode;
  readonly filter: LetterFilter;
  readonly lettersPerMinute: number;
  /** Null: all of them. */
  readonly maxLetters: number | null;
  /** By the name of the source. */
  readonly functions: ReadonlyMap<string, RedriveFunction>;
  readonly pause: (ms: number) => Promise<void>;
  readonly isInterrupted: () => boolean;
  /** Told after each invocation. */
  readonly onProgress?: (totals: RedriveTotals) => void;
}

/** As many as a function can do well within its time. */
const LETTERS_PER_INVOCATION = 100;
/** One look may miss what is there. */
const EMPTY_RECEIVES = 2;
/** Prefect is down, or the function is: the others would only wait for the same. */
const FRUITLESS_INVOCATIONS = 3;

interface PendingLetter {
  readonly facts: LetterFacts;
  readonly letterJson: string;
  readonly messageIds: readonly string[];
}

/** @throws whatever the queue throws. */
export async function runRedrive(
  queues: readonly LetterQueue[],
  terms: RedriveTerms,
): Promise<RedriveTotals> {
  const tally = new RedriveTally();
  const redrive = {
    terms,
    tally,
    mayDieAgain: new Set<string>(),
    progress: { taken: 0, fruitless: 0, owedPauseMs: 0 },
  };
  for (const queue of queues) await new QueueRedrive(queue, redrive).run();
  return tally.totals;
}

interface Redrive {
  readonly terms: RedriveTerms;
  readonly tally: RedriveTally;
  /** Subjects of letters that this redrive brings about, now or when a window is flushed: it would redrive them for ever. */
  readonly mayDieAgain: Set<string>;
  /** `owedPauseMs`: before the next invocation, for the letters of the last one. */
  readonly progress: { taken: number; fruitless: number; owedPauseMs: number };
}

class QueueRedrive {
  readonly #queue: LetterQueue;
  readonly #redrive: Redrive;
  /** By id, as last received: what shows again meanwhile has another receipt. */
  readonly #hidden = new Map<string, Receipt>();
  /** Ids of messages that are settled and not deleted: what is left of one that shows again. */
  readonly #undeleted = new Set<string>();
  readonly #parts = new LetterParts<HiddenMessage>();
  readonly #pending = new Map<string, PendingLetter[]>();

  constructor(queue: LetterQueue, redrive: Redrive) {
    this.#queue = queue;
    this.#redrive = redrive;
  }

  async run(): Promise<void> {
    const { tally } = this.#redrive;
    try {
      for (let emptyReceives = 0; emptyReceives < EMPTY_RECEIVES && !this.#isOver();) {
        const received = await this.#queue.receive();
        const settled = received.filter(({ messageId }) => this.#undeleted.has(messageId));
        const unsettled = received.filter(({ messageId }) => !this.#undeleted.has(messageId));
        const fresh = unsettled.filter(({ messageId }) => !this.#hidden.has(messageId));
        for (const { messageId, receiptHandle } of unsettled) {
          this.#hidden.set(messageId, { messageId, receiptHandle });
        }
        await this.#delete(settled);
        emptyReceives = fresh.length === 0 ? emptyReceives + 1 : 0;
        for (const message of fresh) await this.#take(message);
      }
      for (const source of this.#pending.keys()) await this.#send(source);
      tally.addUntouched('incompleteParts', this.#parts.incomplete.length);
      tally.addUndeleted(this.#undeleted.size);
    } finally {
      await this.#queue.release([...this.#hidden.values()]);
    }
  }

  async #take(message: HiddenMessage): Promise<void> {
    const { terms, tally, mayDieAgain } = this.#redrive;
    const reading = readLetterMessage(message, this.#queue.sourceName);
    if (reading.kind === 'foreign') {
      tally.addUntouched('foreign');
      return;
    }
    const { facts } = reading;
    if (mayDieAgain.has(facts.subject)) return;
    if (!isMeant(facts, terms.filter)) {
      tally.addUntouched('otherLetters');
      return;
    }
    const letter =
      reading.kind === 'letter'
        ? { letterJson: reading.letterJson, messages: [message] }
        : this.#parts.add(reading.part, message);
    if (letter === null || this.#isOver()) return;
    const messageIds = letter.messages.map(({ messageId }) => messageId);
    await this.#enqueue({ facts, letterJson: letter.letterJson, messageIds });
  }

  async #enqueue(letter: PendingLetter): Promise<void> {
    const { terms, tally, progress } = this.#redrive;
    const { source } = letter.facts;
    tally.addLetter(letter.facts);
    if (!terms.functions.has(source)) {
      tally.addWithoutFunction(source);
      return;
    }
    const bytes = Buffer.byteLength(letter.letterJson);
    if (bytes > MAX_LETTERS_BYTES) {
      tally.addUntouched('tooLarge');
      return;
    }
    const waiting = this.#pending.get(source) ?? [];
    const waitingBytes = waiting.reduce((sum, { letterJson }) => sum + Buffer.byteLength(letterJson) + 1, 0);
    if (waitingBytes + bytes > MAX_LETTERS_BYTES) await this.#send(source);
    const pending = [...(this.#pending.get(source) ?? []), letter];
    this.#pending.set(source, pending);
    progress.taken++;
    if (pending.length >= Math.min(LETTERS_PER_INVOCATION, terms.lettersPerMinute)) await this.#send(source);
  }

  async #send(source: string): Promise<void> {
    const { terms, tally, progress } = this.#redrive;
    const letters = this.#pending.get(source) ?? [];
    this.#pending.delete(source);
    if (letters.length === 0 || this.#isStopped()) return;
    if (progress.owedPauseMs > 0) await terms.pause(progress.owedPauseMs);
    if (this.#isStopped()) return;
    const fates = await this.#fatesOf(source, letters);
    for (const fate of fates) tally.addFate(fate);
    if (terms.mode === 'run') {
      await this.#deleteSettled(letters, fates);
      progress.owedPauseMs = (letters.length * 60_000) / terms.lettersPerMinute;
    }
    progress.fruitless = fates.every(({ kind }) => kind === 'retry') ? progress.fruitless + 1 : 0;
    if (progress.fruitless === FRUITLESS_INVOCATIONS) tally.stopped ??= 'nothing-settles';
    terms.onProgress?.(tally.totals);
  }

  async #fatesOf(source: string, letters: readonly PendingLetter[]): Promise<readonly LetterFate[]> {
    const { terms, tally } = this.#redrive;
    const letterJsons = letters.map(({ letterJson }) => letterJson);
    const invoked = await terms.functions.get(source)?.invoke(requestJson(terms.mode, letterJsons));
    const answer = invoked?.kind === 'answered' ? readRedriveAnswer(invoked.answer, letters.length) : null;
    if (answer !== null) {
      tally.addPlannedRuns(answer.plannedRuns);
      return answer.fates;
    }
    const detail =
      invoked?.kind === 'failed'
        ? invoked.detail
        : 'the function gave no answer to a redrive: deploy the stack with this version of Sluice';
    return letters.map(() => ({
      kind: 'retry',
      route: null,
      code: 'function-failed',
      detail,
      flowRunIds: [],
    }));
  }

  async #deleteSettled(letters: readonly PendingLetter[], fates: readonly LetterFate[]): Promise<void> {
    const { mayDieAgain } = this.#redrive;
    const settled: Receipt[] = [];
    for (const [index, { facts, messageIds }] of letters.entries()) {
      const fate = fates[index];
      if (fate === undefined || !isSettled(fate)) continue;
      if (fate.kind === 'dead-lettered' || fate.kind === 'held') mayDieAgain.add(facts.subject);
      for (const messageId of messageIds) {
        const receipt = this.#hidden.get(messageId);
        if (receipt !== undefined) settled.push(receipt);
        this.#hidden.delete(messageId);
      }
    }
    await this.#delete(settled);
  }

  async #delete(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const undeleted = await this.#queue.delete(receipts);
    for (const { messageId } of receipts) this.#undeleted.delete(messageId);
    for (const { messageId } of undeleted) this.#undeleted.add(messageId);
  }

  /** No more letters are taken. */
  #isOver(): boolean {
    const { terms, tally, progress } = this.#redrive;
    if (terms.maxLetters !== null && progress.taken >= terms.maxLetters) tally.stopped ??= 'limit';
    return this.#isStopped() || tally.stopped === 'limit';
  }

  /** Nothing more is sent either. */
  #isStopped(): boolean {
    const { terms, tally } = this.#redrive;
    if (terms.isInterrupted()) tally.stopped ??= 'interrupted';
    return tally.stopped === 'interrupted' || tally.stopped === 'nothing-settles';
  }
}
