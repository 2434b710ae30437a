/** Everything that the demo runs on: Prefect with a worker and flows, Kafka, and Sluice on the AWS emulator. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startAwsEmulator } from '../stack/aws-emulator.ts';
import { awsEndpointAt, reachableUrl, type AwsEndpoint } from '../stack/aws-endpoint.ts';
import { bootstrapCdk, deployStack, outputOf } from '../stack/deployment.ts';
import { projectFolder } from '../stack/paths.ts';
import { deployFlows } from '../stack/prefect-deployments.ts';
import { startPrefectServer, type PrefectServer } from '../stack/prefect-server.ts';
import { startPrefectWorker } from '../stack/prefect-worker.ts';
import type { Report } from './progress.ts';
import { SampleTopic } from './sample-topic.ts';

export interface LocalStack {
  readonly aws: AwsEndpoint;
  readonly stackName: string;
  readonly prefectApiUrl: string;
  readonly prefectUiUrl: string;
  /** Of the source orders-hook. */
  readonly endpointUrl: string;
  readonly bearerToken: string;
  /** Of the source jobs. */
  readonly jobsQueueUrl: string;
  /** Of the source orders-topic; null where there is no Kafka. */
  readonly ordersTopic: SampleTopic | null;
  readonly deadLetterQueueUrls: readonly string[];
  readonly tableName: string;
}

type StopPart = () => Promise<void>;

/** `keepStop` is told at once how each part is stopped, so that it can be stopped whatever fails afterwards. */
export async function startLocalStack(
  report: Report,
  keepStop: (stop: StopPart) => void,
): Promise<LocalStack> {
  const [prefect, { aws, bearerToken, jobs }, ordersTopic] = await Promise.all([
    startPrefect(report, keepStop),
    startAws(report, keepStop),
    SampleTopic.start(report, keepStop),
  ]);
  report('deploying Sluice with cdk deploy …');
  const stackName = 'Sluice';
  const outputs = await deployStack({
    aws,
    stackName,
    configFile: 'sluice.yaml',
    prefectApiUrl: prefect.apiUrl,
    queueArns: { jobs: jobs.queueArn },
  });
  const endpointUrl = reachableUrl(outputOf(outputs, 'OrdersHookEndpoint'), aws);
  report(`Sluice is deployed: ${endpointUrl}`);
  await ordersTopic?.startReading(aws);
  return {
    aws,
    stackName,
    prefectApiUrl: prefect.apiUrl,
    prefectUiUrl: prefect.uiUrl,
    endpointUrl,
    bearerToken,
    jobsQueueUrl: jobs.queueUrl,
    ordersTopic,
    deadLetterQueueUrls: ['OrdersHook', 'Jobs', 'OrdersTopic'].map((name) =>
      outputOf(outputs, `${name}DeadLettersUrl`),
    ),
    tableName: outputOf(outputs, 'TableName'),
  };
}

async function startPrefect(report: Report, keepStop: (stop: StopPart) => void): Promise<PrefectServer> {
  report('starting Prefect …');
  const server = await startPrefectServer({ services: true });
  keepStop(server.stop);
  report(`Prefect runs: ${server.uiUrl}`);
  const worker = await startPrefectWorker({ apiUrl: server.apiUrl, workPool: 'local' });
  keepStop(worker.stop);
  await deployFlows({ apiUrl: server.apiUrl, folder: join(projectFolder, 'demo') });
  report('a worker waits for runs of the flows in demo/flows');
  return server;
}

interface StartedAws {
  readonly aws: AwsEndpoint;
  readonly bearerToken: string;
  readonly jobs: { readonly queueUrl: string; readonly queueArn: string };
}

async function startAws(report: Report, keepStop: (stop: StopPart) => void): Promise<StartedAws> {
  report('starting the AWS emulator …');
  const emulator = await startAwsEmulator();
  keepStop(emulator.stop);
  report(`the AWS emulator runs: ${emulator.url}`);
  const aws = awsEndpointAt(emulator.url);
  await bootstrapCdk(aws);
  const bearerToken = randomBytes(16).toString('hex');
  await new SecretsManagerClient(aws).send(
    new CreateSecretCommand({ Name: 'sluice/orders-hook', SecretString: bearerToken }),
  );
  const jobs = await createJobsQueue(aws);
  report('cdk bootstrap is done; the secret of the endpoint and the queue jobs are there');
  return { aws, bearerToken, jobs };
}

/** The user's queue, as docs/configuration.md wants it: visible again after six times the function's time-out. */
async function createJobsQueue(aws: AwsEndpoint): Promise<StartedAws['jobs']> {
  const sqs = new SQSClient(aws);
  const { QueueUrl: queueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'sluice-demo-jobs', Attributes: { VisibilityTimeout: '381' } }),
  );
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const queueArn = attributes?.['QueueArn'];
  if (queueUrl === undefined || queueArn === undefined) throw new Error('SQS made a queue without a name.');
  return { queueUrl, queueArn };
}
