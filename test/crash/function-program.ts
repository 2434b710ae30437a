/**
 * Runs a bundle as Lambda does: loads `handler.js` from the folder in `LAMBDA_TASK_ROOT`, and passes it one event after
 * the other. The parent process sends the invocations and receives their results.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { watchRequests, type Kill } from './http-tap.ts';

export interface Invocation {
  readonly event: unknown;
  /** The time on the clocks of the process when the invocation begins; `null`: the real time. */
  readonly nowEpochMs: number | null;
  readonly remainingMs: number;
  readonly kill: Kill | null;
}

export type InvocationResponse =
  | { readonly kind: 'responded'; readonly response: unknown; readonly requests: number }
  /** The handler threw; on Lambda all messages of the event are redelivered. */
  | { readonly kind: 'failed'; readonly message: string };

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const realNow = Date.now.bind(Date);
const require = createRequire(import.meta.url);
const { handler } = require(join(process.env['LAMBDA_TASK_ROOT'] ?? '.', 'handler.js')) as {
  readonly handler: Handler;
};

process.on('message', (invocation: Invocation) => {
  void invoke(invocation).then((result) => process.send?.(result));
});

async function invoke({ event, nowEpochMs, remainingMs, kill }: Invocation): Promise<InvocationResponse> {
  const aheadMs = nowEpochMs === null ? 0 : nowEpochMs - realNow();
  Date.now = () => realNow() + aheadMs;
  const startedAtMs = performance.now();
  const getRemainingTimeInMillis = (): number => remainingMs - (performance.now() - startedAtMs);
  const watched = watchRequests(kill);
  try {
    const response = await handler(event, makeLambdaContext({ getRemainingTimeInMillis }));
    return { kind: 'responded', response, requests: watched.sent };
  } catch (error) {
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
