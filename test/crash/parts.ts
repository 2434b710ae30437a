/** The real parts that crashes are played against, started for a program that is not a test. */
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../scripts/stack/dynamodb-local.ts';
import { startPrefectServer } from '../../scripts/stack/prefect-server.ts';
import type { Endpoints } from './stage.ts';

export interface RunningParts extends Endpoints {
  /** Which engine stands in for DynamoDB. */
  readonly dynamodb: string;
  readonly stop: () => Promise<void>;
}

/** Without a JDK the emulator's own DynamoDB takes the place of DynamoDB Local. */
export async function startParts(): Promise<RunningParts> {
  const [aws, dynamodb, prefect] = await Promise.all([
    startAwsEmulator(),
    startDynamoDbLocal(),
    startPrefectServer(),
  ]);
  return {
    awsUrl: aws.url,
    dynamodbUrl: dynamodb.kind === 'running' ? dynamodb.url : aws.url,
    dynamodb: dynamodb.kind === 'running' ? 'DynamoDB Local' : `the emulator's DynamoDB (${dynamodb.reason})`,
    prefectApiUrl: prefect.apiUrl,
    stop: async () => {
      await Promise.all([
        aws.stop(),
        prefect.stop(),
        ...(dynamodb.kind === 'running' ? [dynamodb.stop()] : []),
      ]);
    },
  };
}
