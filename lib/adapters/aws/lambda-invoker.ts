/** A deployed function, invoked by a command with what only that command sends. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { RedriveFunction } from '../../redrive/redrive-ports.ts';
import { parseJson } from '../../json/untrusted-json.ts';
import { errorName, isTransient } from './aws-error.ts';

export class LambdaInvoker implements RedriveFunction {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  /** @throws what sending it again cannot help: no permission, no such function. */
  async invoke(requestJson: string): ReturnType<RedriveFunction['invoke']> {
    try {
      const { FunctionError: failure, Payload: payload } = await this.#client.send(
        new InvokeCommand({
          FunctionName: this.#functionName,
          InvocationType: 'RequestResponse',
          Payload: Buffer.from(requestJson),
        }),
      );
      const answer = parseJson(Buffer.from(payload ?? []).toString('utf8'));
      if (failure === undefined) return { kind: 'answered', answer };
      const detail = `the function ${this.#functionName} failed (${failure}): read its log`;
      return { kind: 'failed', detail };
    } catch (error) {
      if (!isTransient(error)) throw error;
      const detail = `the function ${this.#functionName} could not be invoked (${errorName(error)})`;
      return { kind: 'failed', detail };
    }
  }
}
