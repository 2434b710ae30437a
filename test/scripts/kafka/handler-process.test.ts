import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHandlerProcess, type HandlerProcess } from '../../../scripts/kafka/handler-process.ts';
import { toLambdaEvent } from '../../../scripts/kafka/lambda-event.ts';
import { makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';

const HANDLER = `
let invocations = 0;
export const handler = async ({ records }, context) => {
  const [[{ value }]] = Object.values(records);
  const text = Buffer.from(value, 'base64').toString();
  if (text === 'throw') throw new Error('what it says when it throws');
  if (text === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  return { text, invocation: ++invocations, isTimed: context.getRemainingTimeInMillis() > 0, greeting: process.env.GREETING };
};`;

describe('createHandlerProcess', () => {
  let folder: string;
  let handlerFile: string;
  let started: HandlerProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-handler-'));
    handlerFile = join(folder, 'handler.mjs');
    writeFileSync(handlerFile, HANDLER);
  });

  afterEach(async () => {
    await started?.stop();
    rmSync(folder, { recursive: true });
  });

  function start(timeoutMs = 60_000): (text: string) => ReturnType<HandlerProcess['invoke']> {
    const { invoke } = (started = createHandlerProcess({
      handlerFile,
      environment: { GREETING: 'hello' },
      timeoutMs,
    }));
    return (text) =>
      invoke(
        toLambdaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' }, [
          makeKafkaRecord({ value: Buffer.from(text) }),
        ]),
      );
  }

  it('keeps one process for all invocations, one after the other, with the environment that it was given', async () => {
    const invoke = start();
    const answers = await Promise.all([invoke('a'), invoke('b')]);
    const common = { isTimed: true, greeting: 'hello' };
    expect(answers).toEqual([
      { kind: 'succeeded', payload: { ...common, text: 'a', invocation: 1 } },
      { kind: 'succeeded', payload: { ...common, text: 'b', invocation: 2 } },
    ]);
  });

  it('answers with the error of a handler that throws, and goes on', async () => {
    const invoke = start();
    expect(await invoke('throw')).toMatchObject({ kind: 'failed' });
    expect(await invoke('a')).toMatchObject({ payload: { invocation: 1 } });
  });

  it('fails the invocation in which the process is killed, and starts another one for the next', async () => {
    const invoke = start();
    await invoke('a');
    const hanging = invoke('hang');
    started?.kill();
    expect(await hanging).toEqual({ kind: 'failed', reason: 'The process of the handler ended (SIGKILL).' });
    expect(await invoke('b')).toMatchObject({ payload: { text: 'b', invocation: 1 } });
  });

  it('ends an invocation that takes longer than it may', async () => {
    const invoke = start(1_000);
    expect(await invoke('hang')).toMatchObject({ kind: 'failed' });
  });
});
