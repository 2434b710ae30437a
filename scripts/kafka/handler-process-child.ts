/** The child of handler-process.ts: imports the handler, and invokes it for each event that it receives. */
import { pathToFileURL } from 'node:url';
import type { InvokeResult } from './invoke.ts';
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
  void handle(invocation).then((payload) => process.send?.(payload));
});
process.on('disconnect', () => process.exit());

async function handle({ event, timeoutMs }: Invocation): Promise<InvokeResult> {
  const deadline = Date.now() + timeoutMs;
  const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
  // The alias that the mapping invokes; on AWS it is a part of the ARN only.
  const alias = process.env['INVOKED_ALIAS'];
  const context = {
    awsRequestId: `local-${String(++invocations)}`,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}${alias === undefined ? '' : `:${alias}`}`,
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    return { kind: 'succeeded', payload: (await handler(event, context)) ?? null };
  } catch (error) {
    return {
      kind: 'failed',
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
