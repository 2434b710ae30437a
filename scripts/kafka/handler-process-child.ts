/** The other side of handler-process.ts: imports the handler, and answers every event that it is sent. */
import { pathToFileURL } from 'node:url';
import type { InvokeAnswer } from './invoke.ts';
import type { LambdaKafkaEvent } from './lambda-event.ts';

interface Invocation {
  readonly event: LambdaKafkaEvent;
  readonly timeoutMs: number;
}

type Handler = (event: LambdaKafkaEvent, context: object) => Promise<unknown>;

const handlerFile = process.argv[2] ?? '';
const { handler } = (await import(pathToFileURL(handlerFile).href)) as { readonly handler: Handler };
let invocations = 0;

process.on('message', (invocation: Invocation) => {
  void answer(invocation).then((payload) => process.send?.(payload));
});
process.on('disconnect', () => process.exit());

async function answer({ event, timeoutMs }: Invocation): Promise<InvokeAnswer> {
  const deadline = Date.now() + timeoutMs;
  const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
  const context = {
    awsRequestId: `local-${String(++invocations)}`,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    return { kind: 'answered', payload: (await handler(event, context)) ?? null };
  } catch (error) {
    return {
      kind: 'failed',
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
