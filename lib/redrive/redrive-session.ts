/**
 * One redrive: reads dead-letter queues, sends the selected dead letters to the function of their source, and deletes
 * the messages of those that are settled.
 *
 *   receive (hidden for a while) ──▶ invoke the function ──▶ delete what is settled ──▶ at the end: release the rest
 *                                   │                        │
 *                a crash here: they reappear             here: redriven again, they are duplicates
 *
 * A plan takes the same steps, asks the functions for a plan only, and releases every message.
 */
import {
  isSettled,
  MAX_REQUEST_BYTES,
  parseRedriveResponse,
  toRedriveRequestJson,
  type RedriveResult,
  type RedriveMode,
} from './invocation-protocol.ts';
import { matches, type DeadLetterFilter } from './dead-letter-filter.ts';
import { parseDeadLetterMessage, type DeadLetterSummary } from '../dead-letters/dead-letter-message.ts';
import { isObject, parseJson } from '../json/untrusted-json.ts';
import { DeadLetterParts } from '../dead-letters/dead-letter-parts.ts';
import type { HiddenMessage, RedriveQueue, MessageReceipt, RedriveFunction } from './redrive-ports.ts';
import { RedriveTally, type RedriveTotals } from './redrive-totals.ts';

export interface RedriveSessionOptions {
  readonly mode: RedriveMode;
  readonly filter: DeadLetterFilter;
  readonly deadLettersPerMinute: number;
  /** The source that processes all dead letters, whatever source they name; null for the source that each names. */
  readonly asSource: string | null;
  /** Null for no limit. */
  readonly maxDeadLetters: number | null;
  /** Keyed by the name of the source. */
  readonly functions: ReadonlyMap<string, RedriveFunction>;
  readonly pause: (ms: number) => Promise<void>;
  readonly isInterrupted: () => boolean;
  /** Called after each invocation. */
  readonly onProgress?: (totals: RedriveTotals) => void;
}

/** A function can process this many well within its time-out. */
const DEAD_LETTERS_PER_INVOCATION = 100;
/** One receive may miss messages that are there. */
const MAX_EMPTY_RECEIVES = 2;
/** Prefect or the function is down by then, and further dead letters would fail in the same way. */
const MAX_INVOCATIONS_WITHOUT_PROGRESS = 3;

interface PendingDeadLetter {
  readonly summary: DeadLetterSummary;
  readonly deadLetterJson: string;
  readonly messageIds: readonly string[];
}

/** @throws what the queue throws. */
export async function runRedrive(
  queues: readonly RedriveQueue[],
  options: RedriveSessionOptions,
): Promise<RedriveTotals> {
  const tally = new RedriveTally();
  const redrive = {
    options,
    tally,
    alreadyRedriven: new Set<string>(),
    progress: { taken: 0, withoutProgress: 0, owedPauseMs: 0 },
  };
  for (const queue of queues) await new QueueRedrive(queue, redrive).run();
  return tally.totals;
}

interface Redrive {
  readonly options: RedriveSessionOptions;
  readonly tally: RedriveTally;
  /**
   * Identities of dead letters that this redrive writes itself, now or when a window is flushed. Without this list it
   * would redrive them endlessly.
   */
  readonly alreadyRedriven: Set<string>;
  /** `owedPauseMs` is the pause before the next invocation, for the dead letters of the last one. */
  readonly progress: { taken: number; withoutProgress: number; owedPauseMs: number };
}

class QueueRedrive {
  readonly #queue: RedriveQueue;
  readonly #redrive: Redrive;
  /** The latest receipt of each message: a message that reappears meanwhile has a new one. */
  readonly #hidden = new Map<string, MessageReceipt>();
  /** Ids of settled messages that could not be deleted. If one reappears, only its deletion is left to do. */
  readonly #undeleted = new Set<string>();
  readonly #parts = new DeadLetterParts<HiddenMessage>();
  readonly #pending = new Map<string, PendingDeadLetter[]>();

  constructor(queue: RedriveQueue, redrive: Redrive) {
    this.#queue = queue;
    this.#redrive = redrive;
  }

  async run(): Promise<void> {
    const { tally } = this.#redrive;
    try {
      for (let emptyReceives = 0; emptyReceives < MAX_EMPTY_RECEIVES && !this.#isOver();) {
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
    const { options, tally, alreadyRedriven } = this.#redrive;
    const parsed = parseDeadLetterMessage(message, this.#queue.sourceName);
    if (parsed.kind === 'unrecognized') {
      tally.addUntouched('unrecognized');
      return;
    }
    const { summary } = parsed;
    if (alreadyRedriven.has(summary.identity)) return;
    if (!matches(summary, options.filter)) {
      tally.addUntouched('filteredOut');
      return;
    }
    const deadLetter =
      parsed.kind === 'whole'
        ? { deadLetterJson: parsed.deadLetterJson, messages: [message] }
        : this.#parts.add(parsed.part, message);
    if (deadLetter === null || this.#isOver()) return;
    const messageIds = deadLetter.messages.map(({ messageId }) => messageId);
    const { asSource } = options;
    await this.#enqueue({
      summary: asSource === null ? summary : { ...summary, source: asSource },
      deadLetterJson:
        asSource === null ? deadLetter.deadLetterJson : withSource(deadLetter.deadLetterJson, asSource),
      messageIds,
    });
  }

  async #enqueue(deadLetter: PendingDeadLetter): Promise<void> {
    const { options, tally, progress } = this.#redrive;
    const { source } = deadLetter.summary;
    tally.addDeadLetter(deadLetter.summary);
    if (!options.functions.has(source)) {
      tally.addWithoutFunction(source);
      return;
    }
    const bytes = Buffer.byteLength(deadLetter.deadLetterJson);
    if (bytes > MAX_REQUEST_BYTES) {
      tally.addUntouched('tooLarge');
      return;
    }
    const waiting = this.#pending.get(source) ?? [];
    const waitingBytes = waiting.reduce(
      (sum, { deadLetterJson }) => sum + Buffer.byteLength(deadLetterJson) + 1,
      0,
    );
    if (waitingBytes + bytes > MAX_REQUEST_BYTES) await this.#send(source);
    const pending = [...(this.#pending.get(source) ?? []), deadLetter];
    this.#pending.set(source, pending);
    progress.taken++;
    if (pending.length >= Math.min(DEAD_LETTERS_PER_INVOCATION, options.deadLettersPerMinute))
      await this.#send(source);
  }

  async #send(source: string): Promise<void> {
    const { options, tally, progress } = this.#redrive;
    const deadLetters = this.#pending.get(source) ?? [];
    this.#pending.delete(source);
    if (deadLetters.length === 0 || this.#isStopped()) return;
    if (progress.owedPauseMs > 0) await options.pause(progress.owedPauseMs);
    if (this.#isStopped()) return;
    const results = await this.#invoke(source, deadLetters);
    for (const [index, result] of results.entries()) {
      tally.addResult(result, deadLetters[index]?.summary.eventId ?? null);
    }
    if (options.mode === 'run') {
      await this.#deleteSettled(deadLetters, results);
      progress.owedPauseMs = (deadLetters.length * 60_000) / options.deadLettersPerMinute;
    }
    progress.withoutProgress = results.every(({ kind }) => kind === 'retry')
      ? progress.withoutProgress + 1
      : 0;
    if (progress.withoutProgress === MAX_INVOCATIONS_WITHOUT_PROGRESS) tally.stopped ??= 'no-progress';
    options.onProgress?.(tally.totals);
  }

  async #invoke(
    source: string,
    deadLetters: readonly PendingDeadLetter[],
  ): Promise<readonly RedriveResult[]> {
    const { options, tally } = this.#redrive;
    const deadLetterJsons = deadLetters.map(({ deadLetterJson }) => deadLetterJson);
    const invoked = await options.functions
      .get(source)
      ?.invoke(toRedriveRequestJson(options.mode, deadLetterJsons));
    const answer =
      invoked?.kind === 'answered' ? parseRedriveResponse(invoked.answer, deadLetters.length) : null;
    if (answer !== null) {
      tally.addPlannedRuns(answer.plannedRuns);
      return answer.results;
    }
    const detail =
      invoked?.kind === 'failed'
        ? invoked.detail
        : 'the function did not answer a redrive: deploy the stack with this version of Sluice';
    return deadLetters.map(() => ({
      kind: 'retry',
      route: null,
      code: 'function-failed',
      detail,
      flowRunIds: [],
    }));
  }

  async #deleteSettled(
    deadLetters: readonly PendingDeadLetter[],
    results: readonly RedriveResult[],
  ): Promise<void> {
    const { alreadyRedriven } = this.#redrive;
    const settled: MessageReceipt[] = [];
    for (const [index, { summary, messageIds }] of deadLetters.entries()) {
      const result = results[index];
      if (result === undefined || !isSettled(result)) continue;
      if (result.kind === 'dead-lettered' || result.kind === 'held') alreadyRedriven.add(summary.identity);
      for (const messageId of messageIds) {
        const receipt = this.#hidden.get(messageId);
        if (receipt !== undefined) settled.push(receipt);
        this.#hidden.delete(messageId);
      }
    }
    await this.#delete(settled);
  }

  async #delete(receipts: readonly MessageReceipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const undeleted = await this.#queue.delete(receipts);
    for (const { messageId } of receipts) this.#undeleted.delete(messageId);
    for (const { messageId } of undeleted) this.#undeleted.add(messageId);
  }

  /** Return whether no more dead letters are taken. */
  #isOver(): boolean {
    const { options, tally, progress } = this.#redrive;
    if (options.maxDeadLetters !== null && progress.taken >= options.maxDeadLetters)
      tally.stopped ??= 'limit';
    return this.#isStopped() || tally.stopped === 'limit';
  }

  /** Return whether nothing more is sent, either. */
  #isStopped(): boolean {
    const { options, tally } = this.#redrive;
    if (options.isInterrupted()) tally.stopped ??= 'interrupted';
    return tally.stopped === 'interrupted' || tally.stopped === 'no-progress';
  }
}

/** A renamed source has another name in its dead letters; everything else about their events stays as it was. */
function withSource(deadLetterJson: string, source: string): string {
  const deadLetter = parseJson(deadLetterJson);
  return isObject(deadLetter) ? JSON.stringify({ ...deadLetter, source }) : deadLetterJson;
}
