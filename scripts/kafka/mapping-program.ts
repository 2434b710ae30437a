/**
 * Runs one poller as a program: `node bin/run.mjs scripts/kafka/mapping-program.ts '<JSON>'`, with `MappingProgramTerms` as JSON.
 * SIGTERM, Ctrl-C and the end of the parent process stop it in an orderly way.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsEndpointAt } from '../stack/aws-endpoint.ts';
import { startEventSourceMapping } from './event-source-mapping.ts';
import { sendFailuresToQueue } from './failure-destination.ts';
import { createHandlerProcess, type HandlerProcessTerms } from './handler-process.ts';
import { createLambdaInvoker, type Invoke } from './invoke.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { mappingSettings } from './mapping-settings.ts';
import type { RetryMode } from './batch-response.ts';

export interface MappingProgramTerms {
  /** The `Properties` of an `AWS::Lambda::EventSourceMapping`. */
  readonly properties: object;
  readonly connection: KafkaConnection;
  readonly invokes:
    | { readonly kind: 'deployed-function'; readonly endpointUrl: string; readonly functionName: string }
    | ({ readonly kind: 'handler' } & HandlerProcessTerms);
  readonly retryMode?: RetryMode;
  readonly sessionTimeoutMs?: number;
  /** Overrides the destination of the mapping. */
  readonly failureQueue?: { readonly endpointUrl: string; readonly queueUrl: string };
}

export type MappingProgramMessage = 'joined';

interface InvokedFunction {
  readonly invoke: Invoke;
  readonly kill: () => void;
  readonly close: () => Promise<void>;
}

const { properties, connection, invokes, failureQueue, ...options } = JSON.parse(
  process.argv[2] ?? '',
) as MappingProgramTerms;
const invoked = functionOf(invokes);
const mapping = await startEventSourceMapping({
  ...options,
  settings: mappingSettings(properties),
  connection,
  invoke: invoked.invoke,
  ...(failureQueue !== undefined && {
    sendFailure: sendFailuresToQueue(
      new SQSClient(awsEndpointAt(failureQueue.endpointUrl)),
      failureQueue.queueUrl,
    ),
  }),
});

process.on('message', invoked.kill);
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(reason, stop);
process.send?.('joined' satisfies MappingProgramMessage);

function stop(): void {
  void mapping
    .stop()
    .then(() => invoked.close())
    .finally(() => process.exit());
}

function functionOf(terms: MappingProgramTerms['invokes']): InvokedFunction {
  if (terms.kind === 'handler') {
    const { invoke, kill, stop: close } = createHandlerProcess(terms);
    return { invoke, kill, close };
  }
  const { invoke, close } = createLambdaInvoker(awsEndpointAt(terms.endpointUrl), terms.functionName);
  return {
    invoke,
    kill: () => undefined,
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}
