/** The real parts of a soak, and what stands between them and the functions. */
import { rmSync } from 'node:fs';
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../scripts/stack/dynamodb-local.ts';
import { startPrefectServer } from '../../scripts/stack/prefect-server.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { startTroubledProxy } from '../support/proxies/faulty-proxy.ts';
import type { Endpoints } from '../crash/stage.ts';
import { Troubles, type Outage } from './troubles.ts';
import type { Random } from '../support/random.ts';

export interface SoakParts {
  readonly direct: Endpoints;
  /** Through proxies that make trouble. */
  readonly troubled: Endpoints;
  readonly troubles: Troubles;
  readonly stop: () => Promise<void>;
}

export async function startSoakParts(random: Random): Promise<SoakParts> {
  const databaseFolder = makeTemporaryFolder('prefect-database');
  const [aws, dynamodb, firstPrefect] = await Promise.all([
    startAwsEmulator(),
    startDynamoDbLocal(),
    startPrefectServer({ databaseFolder }),
  ]);
  let prefect = firstPrefect;
  const { apiUrl } = prefect;
  const outage: Outage = {
    begin: () => prefect.stop(),
    end: async () => {
      prefect = await startPrefectServer({ databaseFolder, port: Number(new URL(apiUrl).port) });
    },
  };
  const troubles = new Troubles(random, outage);
  const dynamodbUrl = dynamodb.kind === 'running' ? dynamodb.url : aws.url;
  const awsProxy = await startTroubledProxy(aws.url, () => troubles.troubleOf('aws'));
  const dynamodbProxy = await startTroubledProxy(dynamodbUrl, () => troubles.troubleOf('dynamodb'));
  const prefectProxy = await startTroubledProxy(apiUrl, () => troubles.troubleOf('prefect'));
  return {
    direct: { awsUrl: aws.url, dynamodbUrl, prefectApiUrl: apiUrl },
    troubled: { awsUrl: awsProxy.url, dynamodbUrl: dynamodbProxy.url, prefectApiUrl: prefectProxy.url },
    troubles,
    stop: async () => {
      await Promise.all([awsProxy.close(), dynamodbProxy.close(), prefectProxy.close()]);
      const stopDynamoDb = dynamodb.kind === 'running' ? dynamodb.stop() : Promise.resolve();
      await Promise.all([aws.stop(), prefect.stop(), stopDynamoDb]);
      rmSync(databaseFolder, { recursive: true, force: true });
    },
  };
}
