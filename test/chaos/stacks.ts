/** Two installations of Sluice, deployed by CDK: the one with all sources, and a second one on the same Prefect. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { reachableUrl } from '../../scripts/stack/aws-endpoint.ts';
import { bootstrapCdk, deployStack, outputOf, type StackOutputs } from '../../scripts/stack/deployment.ts';
import { FUNCTION_TIMEOUT_SECONDS, HOOK_SECRET, writeConfiguration } from './configuration.ts';
import type { DeadLetterQueue } from './dead-letter-reader.ts';
import type { Installation } from './event.ts';
import type { RouteVersion } from './routes.ts';
import type { Services } from './services.ts';

const STACK_NAMES: Readonly<Record<Installation, string>> = { a: 'SluiceChaosA', b: 'SluiceChaosB' };

export interface Stacks {
  readonly endpointUrl: string;
  readonly bearerToken: string;
  readonly jobsUrl: Readonly<Record<Installation, string>>;
  readonly fifoUrl: string;
  /** The queue of events whose keys recur, and of no others. */
  readonly recurringUrl: string;
  readonly tables: readonly { readonly stackName: string; readonly tableName: string }[];
  readonly deadLetterQueues: readonly DeadLetterQueue[];
  /** Count what waits in queues, what is delayed there, and what functions are working on. */
  countMessages(): Promise<number>;
  /** Count the same of the queue of events whose keys recur. */
  countRecurring(): Promise<number>;
  /** Deploy the first installation with its routes in this version. */
  redeploy(version: RouteVersion): Promise<void>;
}

interface Queue {
  readonly url: string;
  readonly arn: string;
}

export async function deployStacks(
  services: Services,
  folder: string,
  version: RouteVersion,
): Promise<Stacks> {
  const { aws, proxies, kafkaBootstrapServer } = services;
  const sqs = new SQSClient(aws);
  await bootstrapCdk(aws);
  const bearerToken = randomUUID();
  await new SecretsManagerClient(aws).send(
    new CreateSecretCommand({ Name: HOOK_SECRET, SecretString: bearerToken }),
  );
  const jobs = { a: await createQueue(sqs, 'chaos-a'), b: await createQueue(sqs, 'chaos-b') };
  const fifo = await createQueue(sqs, 'chaos-a.fifo');
  const recurring = await createQueue(sqs, 'chaos-a-recurring');
  const deploy = async (installation: Installation, next: RouteVersion): Promise<StackOutputs> => {
    const outputs = await deployStack({
      aws,
      stackName: STACK_NAMES[installation],
      configFile: writeConfiguration(folder, { installation, version: next, kafkaBootstrapServer }),
      prefectApiUrl: `${proxies.Prefect.url}/api`,
      queueArns:
        installation === 'a'
          ? { 'jobs': jobs.a.arn, 'jobs-fifo': fifo.arn, 'recurring': recurring.arn }
          : { jobs: jobs.b.arn },
      alarms: false,
    });
    await shortenVisibilityTimeouts(sqs);
    return outputs;
  };
  const outputs = { a: await deploy('a', version), b: await deploy('b', version) };
  return {
    endpointUrl: reachableUrl(outputOf(outputs.a, 'HookEndpoint'), aws),
    bearerToken,
    jobsUrl: { a: jobs.a.url, b: jobs.b.url },
    fifoUrl: fifo.url,
    recurringUrl: recurring.url,
    tables: (['a', 'b'] as const).map((installation) => ({
      stackName: STACK_NAMES[installation],
      tableName: outputOf(outputs[installation], 'TableName'),
    })),
    deadLetterQueues: await listDeadLetterQueues(sqs),
    countMessages: async () => countMessages(sqs, await listQueues(sqs)),
    countRecurring: () => countMessages(sqs, [recurring.url]),
    redeploy: async (next) => {
      await deploy('a', next);
    },
  };
}

async function createQueue(sqs: SQSClient, name: string): Promise<Queue> {
  const { QueueUrl: url } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { ...(name.endsWith('.fifo') && { FifoQueue: 'true' }) },
    }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes?.['QueueArn'];
  if (url === undefined || arn === undefined) throw new Error('SQS returned no URL or ARN for a queue.');
  return { url, arn };
}

/** A function that was killed would otherwise hold its messages for minutes. */
async function shortenVisibilityTimeouts(sqs: SQSClient): Promise<void> {
  for (const url of await listQueues(sqs)) {
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: url,
        Attributes: { VisibilityTimeout: String(FUNCTION_TIMEOUT_SECONDS + 2) },
      }),
    );
  }
}

async function countMessages(sqs: SQSClient, urls: readonly string[]): Promise<number> {
  const counts = urls.map(async (url) => {
    const { Attributes: attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    return Object.values(attributes).reduce((sum, count) => sum + Number(count), 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** All queues but those of dead letters. */
async function listQueues(sqs: SQSClient): Promise<readonly string[]> {
  return (await listAllQueues(sqs)).filter((url) => !isOfDeadLetters(url));
}

/** CloudFormation names a queue after its stack. */
async function listDeadLetterQueues(sqs: SQSClient): Promise<readonly DeadLetterQueue[]> {
  const urls = (await listAllQueues(sqs)).filter(isOfDeadLetters);
  return (['a', 'b'] as const).flatMap((installation) =>
    urls.filter((url) => url.includes(STACK_NAMES[installation])).map((url) => ({ installation, url })),
  );
}

async function listAllQueues(sqs: SQSClient): Promise<readonly string[]> {
  const { QueueUrls: urls = [] } = await sqs.send(new ListQueuesCommand({ MaxResults: 1_000 }));
  return urls;
}

function isOfDeadLetters(url: string): boolean {
  return url.includes('DeadLetter');
}
