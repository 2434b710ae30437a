/** How a function is invoked: a deployed one through the Invoke API, or one in a process of this machine. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';
import type { LambdaKafkaEvent } from './lambda-event.ts';

/** Never throws: a function that cannot be invoked has failed. */
export type Invoke = (event: LambdaKafkaEvent) => Promise<InvokeAnswer>;

export type InvokeAnswer =
  | { readonly kind: 'answered'; readonly payload: unknown }
  /** It threw, ran out of time or memory, was throttled, or its process died. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface LambdaInvoker {
  readonly invoke: Invoke;
  readonly close: () => void;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, on whatever stands in for AWS. */
export function createLambdaInvoker(aws: AwsEndpoint, functionName: string): LambdaInvoker {
  // Lambda's poller waits for as long as a function may run; trying again is the mapping's.
  const client = new LambdaClient({ ...aws, maxAttempts: 1, requestHandler: { requestTimeout: 900_000 } });
  return {
    invoke: async (event) => {
      try {
        const answer = await client.send(
          new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
        );
        const text = Buffer.from(answer.Payload ?? []).toString('utf8');
        return answer.FunctionError === undefined
          ? { kind: 'answered', payload: parsePayload(text) }
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

/** A text that is no JSON is handed on as it is: it is for the mapping to find it malformed. */
function parsePayload(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
