/** The services of the demo: Prefect with a worker and flows, Kafka, and Sluice on the AWS emulator. */
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
import type { ReportProgress } from './progress.ts';
import { SampleTopic } from './sample-topic.ts';

export interface LocalStack {
  readonly aws: AwsEndpoint;
  readonly stackName: string;
  readonly prefectApiUrl: string;
  readonly prefectUiUrl: string;
  /** The endpoint of the source orders-hook. */
  readonly endpointUrl: string;
  readonly bearerToken: string;
  /** The queue of the source jobs. */
  readonly jobsQueueUrl: string;
  /** The topic of the source orders-topic; `null` if Kafka is not installed. */
  readonly ordersTopic: SampleTopic | null;
  readonly deadLetterQueueUrls: readonly string[];
  readonly tableName: string;
}

type StopPart = () => Promise<void>;

/** `keepStop` receives the stop function of each part as soon as it runs, so that a later failure leaves nothing running. */
export async function startLocalStack(
  report: ReportProgress,
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

async function startPrefect(
  report: ReportProgress,
  keepStop: (stop: StopPart) => void,
): Promise<PrefectServer> {
  report('starting Prefect …');
  const server = await startPrefectServer({ services: true });
  keepStop(server.stop);
  report(`Prefect is running: ${server.uiUrl}`);
  const worker = await startPrefectWorker({ apiUrl: server.apiUrl, workPool: 'local' });
  keepStop(worker.stop);
  await deployFlows({ apiUrl: server.apiUrl, folder: join(projectFolder, 'demo') });
  report('a worker is waiting for runs of the flows in demo/flows');
  return server;
}

interface StartedAws {
  readonly aws: AwsEndpoint;
  readonly bearerToken: string;
  readonly jobs: { readonly queueUrl: string; readonly queueArn: string };
}

async function startAws(report: ReportProgress, keepStop: (stop: StopPart) => void): Promise<StartedAws> {
  report('starting the AWS emulator …');
  const emulator = await startAwsEmulator();
  keepStop(emulator.stop);
  report(`the AWS emulator is running: ${emulator.url}`);
  const aws = awsEndpointAt(emulator.url);
  await bootstrapCdk(aws);
  const bearerToken = randomBytes(16).toString('hex');
  await new SecretsManagerClient(aws).send(
    new CreateSecretCommand({ Name: 'sluice/orders-hook', SecretString: bearerToken }),
  );
  const jobs = await createJobsQueue(aws);
  report("cdk bootstrap is done; the endpoint's secret and the queue jobs are created");
  return { aws, bearerToken, jobs };
}

/** Create the user's queue with the visibility timeout that AWS recommends: six times the timeout of the function. */
async function createJobsQueue(aws: AwsEndpoint): Promise<StartedAws['jobs']> {
  const sqs = new SQSClient(aws);
  const { QueueUrl: queueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'sluice-demo-jobs', Attributes: { VisibilityTimeout: '381' } }),
  );
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const queueArn = attributes?.['QueueArn'];
  if (queueUrl === undefined || queueArn === undefined)
    throw new Error('SQS returned no URL or ARN for the queue.');
  return { queueUrl, queueArn };
}
