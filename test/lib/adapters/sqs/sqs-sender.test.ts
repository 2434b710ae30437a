import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { SqsSender, type SqsMessage } from '../../../../lib/adapters/sqs/sqs-sender.ts';

const sqs = mockClient(SQSClient);
const failures: string[] = [];
const sender = new SqsSender({
  client: new SQSClient({ region: 'us-east-1' }),
  queueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/queue',
  pauseBeforeRetry: () => Promise.resolve(),
  onFailure: (code) => failures.push(code),
});

function message(body: string): SqsMessage {
  return { body, attributes: {}, fifo: { groupId: 'group', deduplicationId: body } };
}

function requests(): SendMessageBatchCommand['input'][] {
  return sqs.commandCalls(SendMessageBatchCommand).map(({ args: [command] }) => command.input);
}

type Entries = NonNullable<SendMessageBatchCommand['input']['Entries']>;

/** Answers each message by what `codeFor` says of its body: stored, or failed with that code. */
function answer(codeFor: (body: string) => string | undefined): void {
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries: entries = [] }: { Entries?: Entries }) => {
    const answered = entries.map(({ Id, MessageBody = '' }) => ({ Id, Code: codeFor(MessageBody) }));
    return {
      Successful: answered.filter(({ Code }) => Code === undefined),
      Failed: answered.filter(({ Code }) => Code !== undefined),
    };
  });
}

beforeEach(() => {
  sqs.reset();
  failures.length = 0;
});

describe('SqsSender', () => {
  it('sends every message once, at most ten and one mebibyte in a request', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 100_000, max: 1_048_500 })), {
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (bytesOfBodies) => {
        sqs.reset();
        answer(() => undefined);
        const messages = bytesOfBodies.map((bytes, index) => ({
          ...message(String(index).padEnd(bytes, '.')),
          attributes: { number: String(index) },
        }));

        expect(await sender.send(messages)).toEqual([]);

        const sent = requests().map((request) => request.Entries ?? []);
        expect(sent.flat().map((entry) => entry.MessageBody)).toEqual(messages.map(({ body }) => body));
        for (const entries of sent) {
          const bytes = entries.reduce(
            (sum, { MessageBody = '', MessageAttributes = {} }) =>
              sum +
              MessageBody.length +
              'numberString'.length +
              (MessageAttributes['number']?.StringValue ?? '').length,
            0,
          );
          expect(entries.length).toBeLessThanOrEqual(10);
          expect(bytes).toBeLessThanOrEqual(1_048_576);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('tries failed messages once more, and answers with the indexes of those that failed again', async () => {
    const triesLeft = new Map([
      ['b', 1],
      ['d', 2],
    ]);
    answer((body) => {
      const tries = triesLeft.get(body) ?? 0;
      triesLeft.set(body, tries - 1);
      return tries > 0 ? 'InternalError' : undefined;
    });

    expect(await sender.send(['a', 'b', 'c', 'd', 'e'].map(message))).toEqual([3]);

    expect(requests().map((request) => request.Entries?.map((entry) => entry.MessageBody))).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['b', 'd'],
    ]);
    expect(failures).toEqual(['InternalError', 'InternalError', 'InternalError']);
  });

  it('answers with every index when the queue cannot be used, and says why', async () => {
    sqs.on(SendMessageBatchCommand).rejects(Object.assign(new Error('no'), { name: 'QueueDoesNotExist' }));

    expect(await sender.send(Array.from({ length: 12 }, (_, index) => message(String(index))))).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
    expect(new Set(failures)).toEqual(new Set(['QueueDoesNotExist']));
  });

  it('takes a message that the answer does not mention for not stored', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });

    expect(await sender.send([message('a')])).toEqual([0]);
  });

  it('names group and deduplication id on a FIFO queue only, where SQS accepts nothing else', async () => {
    answer(() => undefined);
    const queueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/queue.fifo';
    const fifoSender = new SqsSender({ client: new SQSClient({ region: 'us-east-1' }), queueUrl });

    await sender.send([message('a')]);
    await fifoSender.send([message('a')]);

    expect(requests().map((request) => request.Entries)).toEqual([
      [{ Id: '0', MessageBody: 'a' }],
      [{ Id: '0', MessageBody: 'a', MessageGroupId: 'group', MessageDeduplicationId: 'a' }],
    ]);
  });
});
