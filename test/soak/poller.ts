/** Reads a queue for a function as Lambda's pollers do; some invocations are killed. */
import { setTimeout as pause } from 'node:timers/promises';
import { FunctionProcess, type DeployedFunction } from '../crash/function-process.ts';
import { deleteMessage, receiveMessages, releaseMessage, type HeldMessage } from '../crash/held-messages.ts';
import type { Kill } from '../crash/http-tap.ts';
import { namesToRedeliver } from '../crash/scenario.ts';
import { toSqsEvent } from '../crash/sqs-event.ts';
import type { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';

/** Lambda ends an invocation that takes longer. Its messages are held for longer than that. */
export const TIMEOUT_MS = 15_000;
const HOLD_SECONDS = 60;

export interface PollerOptions {
  /** The function as it was deployed last. */
  readonly deployed: () => DeployedFunction;
  /** Decide whether a process of an earlier deployment is replaced now: a redeploy does not replace all at once. */
  readonly isReplaced: () => boolean;
  readonly queue: SqsTestQueue;
  /** Decide for each invocation where it is killed; `null`: it is not. */
  readonly nextKill: () => Kill | null;
  /** How long the messages of a killed or failed invocation stay invisible. */
  readonly nextBackoffSeconds: () => number;
  readonly onAcknowledged?: (body: string) => void;
}

export class Poller {
  invocations = 0;
  kills = 0;
  /** How many were killed because they took too long. */
  timeouts = 0;
  readonly #options: PollerOptions;
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(options: PollerOptions, parallel: number) {
    this.#options = options;
    this.#done = Promise.all(Array.from({ length: parallel }, () => this.#poll()));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #poll(): Promise<void> {
    const { deployed, isReplaced, queue } = this.#options;
    let running = deployed();
    let process = new FunctionProcess(running);
    while (!this.#isOver) {
      const messages = await receiveMessages(queue, HOLD_SECONDS);
      if (messages.length === 0) {
        await pause(50);
        continue;
      }
      if (!process.isAlive || (running !== deployed() && isReplaced())) {
        process.kill();
        running = deployed();
        process = new FunctionProcess(running);
      }
      await this.#invoke(process, messages);
    }
    process.kill();
  }

  async #invoke(process: FunctionProcess, messages: readonly HeldMessage[]): Promise<void> {
    const { queue, nextKill, nextBackoffSeconds, onAcknowledged } = this.#options;
    this.invocations++;
    const kill = nextKill();
    const event = toSqsEvent(messages);
    const timeout = setTimeout(() => {
      this.timeouts++;
      process.kill();
    }, TIMEOUT_MS);
    const result = await process.invoke({ event, nowEpochMs: null, remainingMs: TIMEOUT_MS, kill });
    clearTimeout(timeout);
    if (result.kind === 'killed') this.kills++;
    const messageIds = messages.map(({ messageId }) => messageId);
    const again = namesToRedeliver(messageIds, result);
    for (const message of messages) {
      if (again.has(message.messageId)) {
        await releaseMessage(queue, message, nextBackoffSeconds());
      } else {
        await deleteMessage(queue, message);
        onAcknowledged?.(message.body);
      }
    }
  }
}
