/**
 * A bundle as Lambda runs it: one process loads `handler.js` from the folder in `LAMBDA_TASK_ROOT` and is handed one
 * event after the other. Invocations come from the parent process, and what became of them goes back to it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { watchRequests, type Kill } from './http-tap.ts';

export interface Invocation {
  readonly event: SQSEvent;
  /** What every clock of the process says when it begins; null: the real time. */
  readonly nowEpochMs: number | null;
  readonly remainingMs: number;
  readonly kill: Kill | null;
}

export type Answer =
  | { readonly kind: 'answered'; readonly response: SQSBatchResponse; readonly requests: number }
  /** The handler threw; on Lambda all messages of the event come again. */
  | { readonly kind: 'failed'; readonly message: string };

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const realNow = Date.now.bind(Date);
const require = createRequire(import.meta.url);
const { handler } = require(join(process.env['LAMBDA_TASK_ROOT'] ?? '.', 'handler.js')) as {
  readonly handler: Handler;
};

process.on('message', (invocation: Invocation) => {
  void invoke(invocation).then((result) => process.send?.(result));
});

async function invoke({ event, nowEpochMs, remainingMs, kill }: Invocation): Promise<Answer> {
  const aheadMs = nowEpochMs === null ? 0 : nowEpochMs - realNow();
  Date.now = () => realNow() + aheadMs;
  const startedAtMs = performance.now();
  const getRemainingTimeInMillis = (): number => remainingMs - (performance.now() - startedAtMs);
  const watched = watchRequests(kill);
  try {
    const response = await handler(event, makeLambdaContext({ getRemainingTimeInMillis }));
    return { kind: 'answered', response, requests: watched.sent };
  } catch (error) {
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
