/** The app with a source for each kind of sender, for tests of who is let in and of what comes through AWS services. */
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { awsEndpointAt } from '../../../scripts/stack/aws-endpoint.ts';
import { deployStack, type StackOutputs } from '../../../scripts/stack/deployment.ts';
import { PrefectApi } from '../parts/prefect-api.ts';

export interface EverySourceDeployment {
  readonly outputs: StackOutputs;
  /** The queue of the source `uploads`. */
  readonly uploadsQueueUrl: string;
  /** Of `receive-deliveries/e2e`, whose runs nobody executes. */
  readonly receiveDeliveriesId: string;
}

export const EVERY_SOURCE_CONFIG = 'test/e2e/every-source.yaml';

/** As long as the functions may run, the least that AWS allows. */
const VISIBILITY_SECONDS = '60';

export async function deployEverySource(
  awsEndpointUrl: string,
  prefectApiUrl: string,
): Promise<EverySourceDeployment> {
  const aws = awsEndpointAt(awsEndpointUrl);
  const sqs = new SQSClient(aws);
  const { QueueUrl: uploadsQueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `sluice-e2e-uploads-${randomUUID()}`,
      Attributes: { VisibilityTimeout: VISIBILITY_SECONDS },
    }),
  );
  const { Attributes: { QueueArn: uploadsQueueArn = '' } = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: uploadsQueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const receiveDeliveriesId = await new PrefectApi(prefectApiUrl).createDeployment({
    flow: 'receive-deliveries',
    deployment: 'e2e',
  });
  const outputs = await deployStack({
    aws,
    stackName: 'SluiceE2eEverySource',
    configFile: EVERY_SOURCE_CONFIG,
    prefectApiUrl,
    queueArns: { uploads: uploadsQueueArn },
    alarms: false,
  });
  return { outputs, uploadsQueueUrl, receiveDeliveriesId };
}
