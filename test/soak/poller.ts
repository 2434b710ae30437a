/** A stand-in for the pollers that read a queue for a function, some of whose processes die at their work. */
import { setTimeout as pause } from 'node:timers/promises';
import { FunctionProcess, type DeployedFunction } from '../crash/function-process.ts';
import { deleteMessage, receiveMessages, releaseMessage, type HeldMessage } from '../crash/held-messages.ts';
import type { Kill } from '../crash/http-tap.ts';
import { namesToDeliverAgain } from '../crash/play.ts';
import { sqsEventOf } from '../crash/sqs-event.ts';
import type { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';

/** Of one invocation; Lambda ends one that takes longer. Its messages are held longer than that. */
const TIMEOUT_MS = 15_000;
const HOLD_SECONDS = 60;

export interface PollerOptions {
  readonly deployed: DeployedFunction;
  readonly queue: SqsTestQueue;
  /** For every invocation: where it dies, or that it does not. */
  readonly nextKill: () => Kill | null;
  /** How long what a dead or failed invocation held stays away. */
  readonly nextBackoffSeconds: () => number;
}

export class Poller {
  invocations = 0;
  kills = 0;
  /** Were killed because they took too long. */
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
    const { deployed, queue } = this.#options;
    let process = new FunctionProcess(deployed);
    while (!this.#isOver) {
      const messages = await receiveMessages(queue, HOLD_SECONDS);
      if (messages.length === 0) {
        await pause(50);
        continue;
      }
      if (!process.isAlive) process = new FunctionProcess(deployed);
      await this.#invoke(process, messages);
    }
    process.kill();
  }

  async #invoke(process: FunctionProcess, messages: readonly HeldMessage[]): Promise<void> {
    const { queue, nextKill, nextBackoffSeconds } = this.#options;
    this.invocations++;
    const kill = nextKill();
    const event = sqsEventOf(messages);
    const timeout = setTimeout(() => {
      this.timeouts++;
      process.kill();
    }, TIMEOUT_MS);
    const ending = await process.invoke({ event, nowEpochMs: null, remainingMs: TIMEOUT_MS, kill });
    clearTimeout(timeout);
    if (ending.kind === 'killed') this.kills++;
    const messageIds = messages.map(({ messageId }) => messageId);
    const again = namesToDeliverAgain(messageIds, ending);
    for (const message of messages) {
      if (again.has(message.messageId)) await releaseMessage(queue, message, nextBackoffSeconds());
      else await deleteMessage(queue, message);
    }
  }
}
