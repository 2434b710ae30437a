/** The real parts that the contract suites run against. Parts named by the environment are used as they are. */
import type { TestProject } from 'vitest/node';
import { startAwsEmulator } from '../../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../../scripts/stack/dynamodb-local.ts';
import { startPrefectServer } from '../../../scripts/stack/prefect-server.ts';
import './provided.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const givenPrefect = process.env['PREFECT_API_URL'];
  const givenAws = process.env['AWS_ENDPOINT_URL'];
  const [prefect, aws, dynamodb] = await Promise.all([
    givenPrefect === undefined ? startPrefectServer() : null,
    givenAws === undefined ? startAwsEmulator() : null,
    startDynamoDbLocal(),
  ]);
  project.provide('prefectApiUrl', givenPrefect ?? prefect?.apiUrl ?? '');
  project.provide('prefectPostgresApiUrl', null);
  project.provide('awsEndpointUrl', givenAws ?? aws?.url ?? '');
  project.provide('dynamodbLocalUrl', dynamodb.url);
  return async () => {
    await Promise.all([prefect?.stop(), aws?.stop(), dynamodb.stop()]);
  };
}
