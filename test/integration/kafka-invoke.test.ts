/** A deployed function, invoked with Kafka's events through the Invoke API. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createLambdaInvoker, type InvokeResult } from '../../scripts/kafka/invoke.ts';
import { toLambdaEvent } from '../../scripts/kafka/lambda-event.ts';
import { awsEndpointAt } from '../../scripts/stack/aws-endpoint.ts';
import { makeKafkaRecord } from '../support/builders/make-kafka-record.ts';
import { EmulatedStack } from '../support/parts/emulated-stack.ts';
import { attribute, nodeFunction, role } from '../support/parts/enforcement-template.ts';

const HANDLER = `
exports.handler = async ({ records }) => {
  const [[{ value }]] = Object.values(records);
  const text = Buffer.from(value, 'base64').toString();
  if (text === 'throw') throw new Error('what it says when it throws');
  return text === 'nothing' ? undefined : { text };
};`;

describe('createLambdaInvoker', () => {
  const awsEndpointUrl = inject('awsEndpointUrl');
  const aws = awsEndpointAt(awsEndpointUrl);
  const stack = new EmulatedStack(awsEndpointUrl, `kafka-invoke-${randomUUID()}`);

  beforeAll(async () => {
    const reasons = await stack.create({
      Resources: {
        Role: role([{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }]),
        Function: nodeFunction(HANDLER, { Role: attribute('Role', 'Arn') }),
      },
      Outputs: { FunctionName: { Value: { Ref: 'Function' } } },
    });
    expect(reasons).toEqual([]);
  });

  afterAll(async () => {
    await stack.delete();
  });

  async function invoke(text: string, name = stack.output('FunctionName')): Promise<InvokeResult> {
    const invoker = createLambdaInvoker(aws, name);
    const record = makeKafkaRecord({ value: Buffer.from(text) });
    try {
      return await invoker.invoke(
        toLambdaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' }, [record]),
      );
    } finally {
      invoker.close();
    }
  }

  it('answers with what the function returns', async () => {
    expect(await invoke('a')).toEqual({ kind: 'succeeded', payload: { text: 'a' } });
    expect(await invoke('nothing')).toEqual({ kind: 'succeeded', payload: null });
  });

  it('fails when the function throws, with what it said', async () => {
    const answer = await invoke('throw');
    expect(answer).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(answer)).toContain('what it says when it throws');
  });

  it('fails when there is no such function', async () => {
    expect(await invoke('a', 'no-such-function')).toMatchObject({ kind: 'failed' });
  });
});
