/** Sends events as their senders do: over HTTP until the endpoint accepts them, into queues, and into a topic. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AwsEndpoint } from '../../scripts/stack/aws-endpoint.ts';
import { keyOf, toCloudEvent, type Installation, type WorkloadEvent } from './event.ts';
import type { History } from './history.ts';
import type { Stacks } from './stacks.ts';
import type { ChaosTopic } from './topic.ts';

export type SourceName = 'hook' | 'jobs' | 'jobs-fifo' | 'recurring' | 'topic';

const ATTEMPTS = 12;
const RETRY_AFTER_MS = 700;
/** API Gateway waits no longer for a function. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The emulator serves requests and invokes functions with a handful of threads: with more at once it stalls. */
const POSTS_AT_ONCE = 2;

/** A response that no fault explains: the check itself is wrong. */
class UnexpectedResponseError extends Error {
  override readonly name = 'UnexpectedResponseError';
}

export class Senders {
  readonly #sqs: SQSClient;
  readonly #stacks: Stacks;
  readonly #topic: ChaosTopic | null;
  readonly #history: History;
  readonly #posting: Promise<boolean>[] = Array.from({ length: POSTS_AT_ONCE }, () => Promise.resolve(true));
  #posts = 0;

  constructor(aws: AwsEndpoint, stacks: Stacks, topic: ChaosTopic | null, history: History) {
    this.#sqs = new SQSClient(aws);
    this.#stacks = stacks;
    this.#topic = topic;
    this.#history = history;
  }

  /** List the sources for events whose keys do not recur. */
  sourcesOf(installation: Installation): readonly [SourceName, ...SourceName[]] {
    if (installation === 'b') return ['jobs'];
    return ['hook', 'jobs', 'jobs-fifo', ...(this.#topic === null ? [] : (['topic'] as const))];
  }

  /** @returns whether the source has certainly accepted it */
  async send(event: WorkloadEvent, source: SourceName): Promise<boolean> {
    const body = toCloudEvent(event);
    const { installation, line } = event.data;
    if (source === 'hook') return this.#postInTurn(event, body);
    if (source === 'topic') await this.#topic?.send(line, body);
    else {
      const isFifo = source === 'jobs-fifo';
      await this.#sqs.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrlOf(source, installation),
          MessageBody: body,
          ...(isFifo && { MessageGroupId: line, MessageDeduplicationId: randomUUID() }),
        }),
      );
    }
    this.#history.recordSent(keyOf(event.data), source, 'accepted', '');
    return true;
  }

  #queueUrlOf(source: 'jobs' | 'jobs-fifo' | 'recurring', installation: Installation): string {
    switch (source) {
      case 'jobs':
        return this.#stacks.jobsUrl[installation];
      case 'jobs-fifo':
        return this.#stacks.fifoUrl;
      case 'recurring':
        return this.#stacks.recurringUrl;
    }
  }

  #postInTurn(event: WorkloadEvent, body: string): Promise<boolean> {
    const lane = this.#posts++ % POSTS_AT_ONCE;
    const posted = (this.#posting[lane] ?? Promise.resolve(true)).then(() => this.#post(event, body));
    this.#posting[lane] = posted;
    return posted;
  }

  /** A sender repeats a request until it receives 202, since an error does not say what became of it. */
  async #post(event: WorkloadEvent, body: string): Promise<boolean> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const response = await this.#postOnce(body);
      const isAccepted = response === '202';
      this.#history.recordSent(
        keyOf(event.data),
        'hook',
        isAccepted ? 'accepted' : 'indeterminate',
        response,
      );
      if (isAccepted) return true;
      await pause(RETRY_AFTER_MS);
    }
    return false;
  }

  async #postOnce(body: string): Promise<string> {
    const { endpointUrl, bearerToken } = this.#stacks;
    const headers = {
      'authorization': `Bearer ${bearerToken}`,
      'content-type': 'application/cloudevents+json',
    };
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const response = await fetch(endpointUrl, { method: 'POST', headers, body, signal });
      const text = await response.text();
      const isTransient = response.status === 202 || response.status === 429 || response.status >= 500;
      if (!isTransient) throw new UnexpectedResponseError(`${response.status} ${text.slice(0, 300)}`);
      return String(response.status);
    } catch (error) {
      if (error instanceof UnexpectedResponseError) throw error;
      return String(error);
    }
  }
}
