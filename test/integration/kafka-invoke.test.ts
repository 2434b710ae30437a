/** A deployed function, invoked with Kafka's events through the Invoke API. */
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createLambdaInvoker, type InvokeResult } from '../../scripts/kafka/invoke.ts';
import { toLambdaEvent } from '../../scripts/kafka/lambda-event.ts';
import { awsEndpointAt } from '../../scripts/stack/aws-endpoint.ts';
import { pythonProgram } from '../../scripts/stack/paths.ts';
import { makeKafkaRecord } from '../support/builders/make-kafka-record.ts';

const HANDLER = `
exports.handler = async ({ records }) => {
  const [[{ value }]] = Object.values(records);
  const text = Buffer.from(value, 'base64').toString();
  if (text === 'throw') throw new Error('what it says when it throws');
  return text === 'nothing' ? undefined : { text };
};`;

describe('createLambdaInvoker', () => {
  const aws = awsEndpointAt(inject('awsEndpointUrl'));
  const lambda = new LambdaClient(aws);
  const functionName = `kafka-${randomUUID()}`;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-function-'));
    writeFileSync(join(folder, 'index.js'), HANDLER);
    execFileSync(pythonProgram('python'), ['-m', 'zipfile', '-c', 'code.zip', 'index.js'], { cwd: folder });
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: functionName,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/any',
        Code: { ZipFile: readFileSync(join(folder, 'code.zip')) },
      }),
    );
    rmSync(folder, { recursive: true });
  });

  afterAll(() => {
    lambda.destroy();
  });

  async function invoke(text: string, name = functionName): Promise<InvokeResult> {
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
