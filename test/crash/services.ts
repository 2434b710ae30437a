/** The real services of the crash test, for the program `npm run crash`. */
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../scripts/stack/dynamodb-local.ts';
import { startPrefectServer } from '../../scripts/stack/prefect-server.ts';
import type { Endpoints } from './fixture.ts';

export interface RunningServices extends Endpoints {
  /** The substitute for DynamoDB. */
  readonly dynamodb: string;
  readonly stop: () => Promise<void>;
}

/** Use the emulator's own DynamoDB if there is no JDK for DynamoDB Local. */
export async function startServices(): Promise<RunningServices> {
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
