/**
 * What only AWS enforces and `scripts/stack/emulator` enforces here: a call, a loop or a payload that AWS would refuse is
 * refused in the same way. Without that, the end-to-end tests would say nothing about permissions and quotas.
 */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsEndpointAt } from '../../scripts/stack/aws-endpoint.ts';
import { waitUntil } from '../../scripts/stack/process.ts';
import {
  OBSERVES,
  recordedCalls,
  recursiveInvocationsDropped,
} from '../support/parts/emulator-observations.ts';
import { EmulatedStack } from '../support/parts/emulated-stack.ts';
import {
  attribute,
  enforcementTemplate,
  LAST_INVOCATION,
  nodeFunction,
  role,
} from '../support/parts/enforcement-template.ts';

const awsEndpointUrl = inject('awsEndpointUrl');
const aws = awsEndpointAt(awsEndpointUrl);
const lambda = new LambdaClient({ ...aws, maxAttempts: 1 });
const sqs = new SQSClient({ ...aws, maxAttempts: 1 });
const stackName = `enforcement-${String(Date.now())}`;
const stack = new EmulatedStack(awsEndpointUrl, stackName);

const MIB = 1024 * 1024;
const LAMBDA_LIMIT = 6 * MIB;

interface Call {
  readonly client: 'DynamoDBClient' | 'SQSClient';
  readonly command: string;
  readonly input: object;
}

async function invoke(functionName: string, event: unknown, invocationType?: 'Event') {
  const { Payload: payload, FunctionError: error } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      Payload: JSON.stringify(event),
      ...(invocationType !== undefined && { InvocationType: invocationType }),
    }),
  );
  const text = payload?.transformToString() ?? '';
  return { error, response: text === '' ? null : (JSON.parse(text) as unknown) };
}

/** As the function whose role the template describes. */
async function call(made: Call): Promise<unknown> {
  return (await invoke(stack.output('CallerName'), made)).response;
}

function putItem(tableName: string): Call {
  return {
    client: 'DynamoDBClient',
    command: 'PutItemCommand',
    input: { TableName: tableName, Item: { pk: { S: 'a' } } },
  };
}

function partiql(...statements: readonly string[]): Call {
  return {
    client: 'DynamoDBClient',
    command: 'BatchExecuteStatementCommand',
    input: { Statements: statements.map((Statement) => ({ Statement })) },
  };
}

function sendMessage(queueUrl: string, body = 'x'): Call {
  return {
    client: 'SQSClient',
    command: 'SendMessageCommand',
    input: { QueueUrl: queueUrl, MessageBody: body },
  };
}

describe.skipIf(!OBSERVES)('the AWS emulator', () => {
  beforeAll(async () => {
    expect(await stack.create(enforcementTemplate)).toEqual([]);
  });

  afterAll(() => stack.delete());

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
  describe('the permissions of a role', () => {
    it('refuse an action on another resource, and the message names who, what and where', async () => {
      expect(await call(putItem(stack.output('GrantedTable')))).toEqual({ name: 'allowed' });
      const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${stack.output('OtherTable')}`;
      expect(await call(putItem(stack.output('OtherTable')))).toEqual({
        name: 'AccessDeniedException',
        status: 400,
        message: expect.stringMatching(
          `^User: arn:aws:sts::000000000000:assumed-role/[^/]+/${stack.output('CallerName')} is not authorized to ` +
            `perform: dynamodb:PutItem on resource: ${arn} because no identity-based policy allows the ` +
            'dynamodb:PutItem action$',
        ) as unknown,
      });
    });

    it('are asked for the verb of every PartiQL statement, on its table', async () => {
      const granted = stack.output('GrantedTable');
      const insert = `INSERT INTO "${granted}" VALUE {'pk': 'b'}`;
      expect(await call(partiql(insert))).toEqual({ name: 'allowed' });
      const update = `UPDATE "${granted}" SET n = 1 WHERE pk = 'b'`;
      expect(await call(partiql(insert, update))).toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('dynamodb:PartiQLUpdate') as unknown,
      });
      const elsewhere = `INSERT INTO "${stack.output('OtherTable')}" VALUE {'pk': 'b'}`;
      expect(await call(partiql(insert, elsewhere))).toMatchObject({ name: 'AccessDeniedException' });
    });

    it('are asked for the verb of every write of a transaction', async () => {
      const TableName = stack.output('GrantedTable');
      const put = { Put: { TableName, Item: { pk: { S: 'c' } } } };
      const remove = { Delete: { TableName, Key: { pk: { S: 'd' } } } };
      const transact = (...TransactItems: readonly object[]): Call => ({
        client: 'DynamoDBClient',
        command: 'TransactWriteItemsCommand',
        input: { TransactItems },
      });
      expect(await call(transact(put))).toEqual({ name: 'allowed' });
      expect(await call(transact(put, remove))).toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('dynamodb:DeleteItem') as unknown,
      });
    });

    it('match wildcards, put an explicit Deny with NotAction first, and regard conditions', async () => {
      expect(await call(sendMessage(stack.output('GrantedQueueUrl')))).toEqual({ name: 'allowed' });
      expect(await call(sendMessage(stack.output('DeniedQueueUrl')))).toMatchObject({
        status: 403,
        message: expect.stringContaining(
          'sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:',
        ) as unknown,
      });
      const purge = { ...sendMessage(stack.output('GrantedQueueUrl')), command: 'PurgeQueueCommand' };
      expect(await call(purge)).toMatchObject({
        message: expect.stringContaining('sqs:purgequeue') as unknown,
      });
    });

    it('are needed for the queue of an event source mapping before there can be one', async () => {
      const mapping = new CreateEventSourceMappingCommand({
        FunctionName: stack.output('CallerName'),
        EventSourceArn: stack.output('GrantedQueueArn'),
      });
      await expect(lambda.send(mapping)).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: 'The provided execution role does not have permissions to call ReceiveMessage on SQS',
      });
    });

    it('are needed for logs, which are lost without', async () => {
      const logs = new CloudWatchLogsClient(aws);
      const linesOf = async (name: string) => {
        const { events = [] } = await logs.send(
          new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}` }),
        );
        return events.length;
      };
      await invoke(stack.output('SilentName'), {});
      await expect(linesOf(stack.output('SilentName'))).rejects.toThrow('does not exist');
      expect(await linesOf(stack.output('CallerName'))).toBeGreaterThan(0);
    });

    it('are recorded with every call, allowed or denied', async () => {
      const calls = await recordedCalls(awsEndpointUrl);
      const ofCaller = calls.filter((each) => each.function === stack.output('CallerName'));
      const puts = ofCaller.filter(({ action }) => action === 'dynamodb:PutItem');
      expect(puts).toHaveLength(2);
      expect(puts.find(({ resource }) => resource.endsWith(stack.output('OtherTable')))).toMatchObject({
        allowed: 0,
        denied: 1,
      });
    });
  });

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
  describe('recursive-loop detection', () => {
    async function invocationsOf(queueUrl: string, reportsUrl: string, isLast: (count: number) => boolean) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '1' }));
      const seen = new Set<string>();
      await waitUntil(async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: reportsUrl, MaxNumberOfMessages: 10 }),
        );
        for (const { Body = '' } of Messages) seen.add(Body);
        return isLast(seen.size) && Messages.length === 0;
      }, 60_000);
      return seen.size;
    }

    it('stops a function that sends to its own queue after 16 invocations', async () => {
      const count = await invocationsOf(
        stack.output('StoppedQueueUrl'),
        stack.output('StoppedReportsUrl'),
        (invocations) => invocations >= 16,
      );
      expect(count).toBe(16);
      await waitUntil(async () => {
        const dropped = await recursiveInvocationsDropped(awsEndpointUrl);
        return dropped[stack.output('StoppedFunction')] === 1;
      }, 10_000);
    });

    it('lets a function go on that allows it', async () => {
      const count = await invocationsOf(
        stack.output('AllowedQueueUrl'),
        stack.output('AllowedReportsUrl'),
        (invocations) => invocations >= LAST_INVOCATION,
      );
      expect(count).toBe(LAST_INVOCATION);
    });
  });

  /** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  describe('the quotas of Lambda', () => {
    it('refuse a request above 6 MB, or above 1 MB if it is asynchronous', async () => {
      const name = stack.output('CallerName');
      // The quotes of the JSON text count as well.
      const eventOf = (bytes: number) => ({ respondWith: 1, padding: 'x'.repeat(bytes - 32) });
      const bytes = JSON.stringify(eventOf(LAMBDA_LIMIT)).length;
      expect(bytes).toBeLessThanOrEqual(LAMBDA_LIMIT);
      expect(await invoke(name, eventOf(LAMBDA_LIMIT))).toEqual({ error: undefined, response: 'x' });
      const refused = {
        name: 'RequestEntityTooLargeException',
        message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
      };
      await expect(invoke(name, eventOf(LAMBDA_LIMIT + 64))).rejects.toMatchObject(refused);
      await expect(invoke(name, eventOf(MIB + 64), 'Event')).rejects.toMatchObject({
        name: 'RequestEntityTooLargeException',
      });
    });

    it('fail an invocation whose response is above 6 MB', async () => {
      expect(await invoke(stack.output('CallerName'), { respondWith: LAMBDA_LIMIT + 200 })).toMatchObject({
        error: 'Unhandled',
        response: { errorType: 'Function.ResponseSizeTooLarge' },
      });
    });

    it.each([
      { kind: 'a reserved name', variables: { AWS_REGION: 'eu-west-1' }, reason: 'reserved keys' },
      { kind: 'more than 4 KB', variables: { LONG: 'x'.repeat(4096) }, reason: 'exceeded the 4KB limit' },
    ])('fail the deployment of environment variables with $kind', async ({ kind, variables, reason }) => {
      const refused = new EmulatedStack(awsEndpointUrl, `${stackName}-${kind.replaceAll(/\W/g, '-')}`);
      const reasons = await refused.create({
        Resources: {
          Role: role([]),
          Function: nodeFunction('exports.handler = async () => 1', {
            Role: attribute('Role', 'Arn'),
            Environment: { Variables: variables },
          }),
        },
      });
      expect(reasons.join('\n')).toContain(reason);
      await refused.delete();
    });
  });

  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
  describe('a hot item of DynamoDB', () => {
    const dynamodb = new DynamoDBClient({ ...aws, maxAttempts: 1 });
    const updateOf = (pk: string) => ({
      TableName: stack.output('GrantedTable'),
      Key: { pk: { S: pk } },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    const transact = (...keys: readonly string[]) =>
      dynamodb.send(
        new TransactWriteItemsCommand({ TransactItems: keys.map((pk) => ({ Update: updateOf(pk) })) }),
      );

    /** @returns why some of them were refused */
    const failuresOf = async (writes: readonly Promise<unknown>[]): Promise<readonly unknown[]> => {
      const results = await Promise.allSettled(writes);
      return results.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    };
    const MANY = Array.from({ length: 20 }, (_, index) => `item-${String(index)}`);

    it('cancels transactions that meet others at the item, says which item it is, and leaves others alone', async () => {
      const refused = await failuresOf(MANY.map((pk) => transact(pk, 'hot')));
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(MANY.length);
      expect(refused[0]).toMatchObject({
        name: 'TransactionCanceledException',
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
        ],
      });
      expect(await failuresOf(MANY.map((pk) => transact(pk)))).toEqual([]);
    });

    it('refuses single writes while a transaction is at the item', async () => {
      const writes = MANY.flatMap(() => [
        transact('hot'),
        dynamodb.send(new UpdateItemCommand(updateOf('hot'))),
      ]);
      const names = (await failuresOf(writes)).map((error) => (error as Error).name);
      expect(new Set(names)).toContain('TransactionConflictException');
    });

    it('is throttled above 1,000 write units a second, and its neighbors are not', async () => {
      // 300 KB are 300 write units.
      const put = (pk: string) => {
        const Item = { pk: { S: pk }, text: { S: 'x'.repeat(300_000) } };
        return dynamodb.send(new PutItemCommand({ TableName: stack.output('GrantedTable'), Item }));
      };
      const refused = await failuresOf(Array.from({ length: 8 }, () => put('heavy')));
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(6);
      expect(refused[0]).toMatchObject({ name: 'ThrottlingException' });
      await expect(put('neighbor')).resolves.toBeDefined();
    });
  });

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
  describe('the quotas of SQS', () => {
    it('refuse a message above 1 MiB', async () => {
      const send = (length: number) =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl: stack.output('GrantedQueueUrl'),
            MessageBody: 'x'.repeat(length),
          }),
        );
      await expect(send(MIB)).resolves.toBeDefined();
      await expect(send(MIB + 1)).rejects.toThrow('Message must be shorter than 1048576 bytes');
    });
  });
});
