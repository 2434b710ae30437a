/**
 * The timers of a debounce go round for as long as events come, which Lambda would take for a runaway loop: the template
 * says `RecursiveLoop: Allow` for the one function that may. The emulator counts as Lambda does
 * (`scripts/stack/emulator/recursion.py`).
 */
import {
  GetFunctionCommand,
  GetFunctionRecursionConfigCommand,
  LambdaClient,
  PutFunctionRecursionConfigCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsEndpointAt } from '../../scripts/stack/aws-endpoint.ts';
import { eventually, prefect } from '../support/parts/e2e-sluice.ts';
import {
  deployedGrants,
  longestChains,
  OBSERVES,
  recursiveInvocationsDropped,
  type DeployedGrants,
} from '../support/parts/emulator-observations.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html: "approximately 16 times" */
const MAX_INVOCATIONS = 16;
/** So many of them have happened before the test, so that it need not wait for them. */
const EARLIER_INVOCATIONS = 14;
/** Shorter than the quiet time of the route. */
const PAUSE_MS = 1_000;
/** Three rounds of a timer: two that Lambda lets pass, and the one that it stops. */
const OWN_TIMERS_MS = 15_000;
const LONGEST_PESTERING_MS = 100_000;

const awsEndpointUrl = inject('awsEndpointUrl');
const { gatherOrdersId, stackName, queueUrls } = inject('e2eDeployment');
const aws = awsEndpointAt(awsEndpointUrl);
const lambda = new LambdaClient(aws);
const sqs = new SQSClient(aws);
let flusher = '';
let traceHeader = '';

/** With the trace header of a chain of requests in which the flusher was invoked before. */
async function sendOrder(id: string): Promise<void> {
  const event = { specversion: '1.0', id, source: '/e2e', type: 'order.pestered', data: { id } };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrls.jobs,
      MessageBody: JSON.stringify(event),
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    }),
  );
}

/** Keep the window open with one event after another. @returns their ids */
async function pesterUntil(prefix: string, isEnough: () => Promise<boolean>): Promise<readonly string[]> {
  const ids: string[] = [];
  const deadline = performance.now() + LONGEST_PESTERING_MS;
  while (!(await isEnough())) {
    expect(performance.now(), 'the timer went round too rarely').toBeLessThan(deadline);
    const id = `${prefix}-${String(ids.length)}`;
    await sendOrder(id);
    ids.push(id);
    await delay(PAUSE_MS);
  }
  return ids;
}

async function idsInRuns(prefix: string): Promise<readonly string[]> {
  return (await eventIdsInRuns(prefect, gatherOrdersId)).filter((id) => id.startsWith(prefix));
}

/** In the format of the emulator; that of AWS is not documented. */
function traceHeaderOf(functionArn: string): string {
  const digest = createHash('sha256').update(functionArn).digest('hex').slice(0, 8);
  return `Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:${digest}:${String(EARLIER_INVOCATIONS)}`;
}

const droppedCount = async () => (await recursiveInvocationsDropped(awsEndpointUrl))[flusher] ?? 0;

function setRecursion(recursiveLoop: 'Allow' | 'Terminate') {
  return lambda.send(
    new PutFunctionRecursionConfigCommand({ FunctionName: flusher, RecursiveLoop: recursiveLoop }),
  );
}

describe.skipIf(!OBSERVES)('the function that flushes windows', () => {
  beforeAll(async () => {
    const functions = await deployedGrants(awsEndpointUrl);
    const isFlusher = ({ function: name, description }: DeployedGrants) =>
      name.startsWith(`${stackName}-`) && description.includes('makes flow runs of windows');
    flusher = functions.find(isFlusher)?.function ?? '';
    const { Configuration: { FunctionArn: arn = '' } = {} } = await lambda.send(
      new GetFunctionCommand({ FunctionName: flusher }),
    );
    traceHeader = traceHeaderOf(arn);
  });

  afterAll(() => setRecursion('Allow'));

  it('goes on when its timer has gone round more than 16 times, and no timer is dropped', async () => {
    const { RecursiveLoop: recursiveLoop } = await lambda.send(
      new GetFunctionRecursionConfigCommand({ FunctionName: flusher }),
    );
    expect(recursiveLoop).toBe('Allow');
    const prefix = randomUUID();
    const ids = await pesterUntil(
      prefix,
      async () => ((await longestChains(awsEndpointUrl))[flusher] ?? 0) > MAX_INVOCATIONS + 1,
    );
    await eventually(async () => (await idsInRuns(prefix)).length >= ids.length);
    expect([...(await idsInRuns(prefix))].sort()).toEqual([...ids].sort());
    expect(await droppedCount()).toBe(0);
  });

  it('has its timers stopped without the permission to trigger itself', async () => {
    await setRecursion('Terminate');
    const startedAt = performance.now();
    await pesterUntil(randomUUID(), async () => {
      const ownTimersWentRound = performance.now() - startedAt > OWN_TIMERS_MS;
      return ownTimersWentRound && (await droppedCount()) > 0;
    });
  });
});
