/** Invokes a function: a deployed one through the Invoke API, or one in a local process. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';
import type { LambdaKafkaEvent } from './lambda-event.ts';

/** Never throws: a function that cannot be invoked counts as failed. */
export type Invoke = (event: LambdaKafkaEvent) => Promise<InvokeResult>;

export type InvokeResult =
  | { readonly kind: 'succeeded'; readonly payload: unknown }
  /** The function threw, ran out of time or memory, was throttled, or its process died. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface LambdaInvoker {
  readonly invoke: Invoke;
  readonly close: () => void;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, on the AWS emulator. */
export function createLambdaInvoker(aws: AwsEndpoint, functionName: string): LambdaInvoker {
  // Lambda's poller waits as long as a function may run; the mapping does the retries.
  const client = new LambdaClient({ ...aws, maxAttempts: 1, requestHandler: { requestTimeout: 900_000 } });
  return {
    invoke: async (event) => {
      try {
        const output = await client.send(
          new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
        );
        const text = Buffer.from(output.Payload ?? []).toString('utf8');
        return output.FunctionError === undefined
          ? { kind: 'succeeded', payload: parsePayload(text) }
          : { kind: 'failed', reason: text };
      } catch (error) {
        return { kind: 'failed', reason: String(error) };
      }
    },
    close: () => {
      client.destroy();
    },
  };
}

/** Return text that is not valid JSON unchanged, so that the mapping finds it malformed. */
function parsePayload(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
