/** The app as end-to-end tests find it: deployed by CDK, with queues, a secret and the deployments in Prefect. */
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { awsEndpointAt, reachableUrl, type AwsEndpoint } from '../../../scripts/stack/aws-endpoint.ts';
import { deployStack, outputOf } from '../../../scripts/stack/deployment.ts';
import { projectFolder } from '../../../scripts/stack/paths.ts';
import { PrefectApi } from '../parts/prefect-api.ts';

export interface E2eDeployment {
  readonly stackName: string;
  readonly endpointUrl: string;
  /** Of the source that answers with flow runs. */
  readonly askingEndpointUrl: string;
  readonly bearerToken: string;
  /** By the name of the source. */
  readonly queueUrls: Readonly<Record<'hook' | 'jobs' | 'jobs-fifo', string>>;
  readonly deadLetterQueueUrls: Readonly<Record<'hook' | 'jobs' | 'jobs-fifo', string>>;
  /** Of `process-orders/e2e`, whose runs a worker executes. */
  readonly processOrdersId: string;
  /** Of `collect-orders/e2e`, whose runs nobody executes. */
  readonly collectOrdersId: string;
  /** Of `gather-orders/e2e`, which the routes with windows start; nobody executes it. */
  readonly gatherOrdersId: string;
  /** Of `keep-orders/e2e`, whose orders are too large for Prefect; nobody executes it. */
  readonly keepOrdersId: string;
  readonly overflowBucket: string;
}

/** As long as the functions may run, the least that AWS allows. */
const VISIBILITY_SECONDS = '10';
const STACK_NAME = 'SluiceE2e';
const SECRET_NAME = 'sluice/e2e-hook';

export async function deployForTests(
  awsEndpointUrl: string,
  prefectApiUrl: string,
  workPool: string,
): Promise<E2eDeployment> {
  const aws = awsEndpointAt(awsEndpointUrl);
  const sqs = new SQSClient(aws);
  // Names of their own, so that nothing is left in them from earlier runs against the same endpoint.
  const name = `sluice-e2e-${randomUUID()}`;
  const jobs = await createQueue(sqs, name, {});
  const fifo = await createQueue(sqs, `${name}.fifo`, { FifoQueue: 'true' });
  const bearerToken = await storeToken(aws);
  const ids = await createDeployments(prefectApiUrl, workPool);
  const outputs = await deployStack({
    aws,
    stackName: STACK_NAME,
    configFile: 'test/e2e/sluice.yaml',
    prefectApiUrl,
    queueArns: { 'jobs': jobs.arn, 'jobs-fifo': fifo.arn },
  });
  const hookQueueUrl = outputOf(outputs, 'HookQueueUrl');
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: hookQueueUrl,
      Attributes: { VisibilityTimeout: VISIBILITY_SECONDS },
    }),
  );
  return {
    stackName: STACK_NAME,
    endpointUrl: reachableUrl(outputOf(outputs, 'HookEndpoint'), aws),
    askingEndpointUrl: reachableUrl(outputOf(outputs, 'AskingHookEndpoint'), aws),
    bearerToken,
    queueUrls: { 'hook': hookQueueUrl, 'jobs': jobs.url, 'jobs-fifo': fifo.url },
    deadLetterQueueUrls: {
      'hook': outputOf(outputs, 'HookDeadLettersUrl'),
      'jobs': outputOf(outputs, 'JobsDeadLettersUrl'),
      'jobs-fifo': outputOf(outputs, 'JobsFifoDeadLettersUrl'),
    },
    overflowBucket: outputOf(outputs, 'OverflowBucketName'),
    ...ids,
  };
}

async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly arn: string }> {
  const { QueueUrl: url } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { VisibilityTimeout: VISIBILITY_SECONDS, ...attributes },
    }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes?.['QueueArn'];
  if (url === undefined || arn === undefined) throw new Error('SQS made a queue without a name.');
  return { url, arn };
}

async function storeToken(aws: AwsEndpoint): Promise<string> {
  const secrets = new SecretsManagerClient(aws);
  const token = randomUUID();
  try {
    await secrets.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString: token }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    await secrets.send(new PutSecretValueCommand({ SecretId: SECRET_NAME, SecretString: token }));
  }
  return token;
}

async function createDeployments(
  prefectApiUrl: string,
  workPool: string,
): Promise<Pick<E2eDeployment, 'processOrdersId' | 'collectOrdersId' | 'gatherOrdersId' | 'keepOrdersId'>> {
  const prefect = new PrefectApi(prefectApiUrl);
  const processOrdersId = await prefect.createDeployment({
    flow: 'process-orders',
    deployment: 'e2e',
    workPool,
    entrypoint: { path: 'flows/orders.py:process_orders', folder: join(projectFolder, 'demo') },
  });
  const gatherOrdersId = await prefect.createDeployment({ flow: 'gather-orders', deployment: 'e2e' });
  const keepOrdersId = await prefect.createDeployment({ flow: 'keep-orders', deployment: 'e2e' });
  const collectOrdersId = await prefect.createDeployment({
    flow: 'collect-orders',
    deployment: 'e2e',
    parameterSchema: {
      type: 'object',
      properties: {
        orders: {
          type: 'array',
          items: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
        },
      },
      required: ['orders'],
    },
  });
  return { processOrdersId, collectOrdersId, gatherOrdersId, keepOrdersId };
}
