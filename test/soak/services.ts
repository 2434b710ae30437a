/** The real services of a soak, and the proxies between them and the functions. */
import { rmSync } from 'node:fs';
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../scripts/stack/dynamodb-local.ts';
import { startPrefectServer } from '../../scripts/stack/prefect-server.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { FaultProxy } from '../support/proxies/fault-proxy.ts';
import type { Endpoints } from '../crash/fixture.ts';
import { Nemesis, type Outage } from './nemesis.ts';
import type { Random } from '../support/random.ts';

export interface SoakServices {
  readonly direct: Endpoints;
  /** Through proxies, in which the nemesis interferes. */
  readonly disturbed: Endpoints;
  readonly nemesis: Nemesis;
  readonly stop: () => Promise<void>;
}

export async function startSoakServices(random: Random): Promise<SoakServices> {
  const databaseFolder = makeTemporaryFolder('prefect-database');
  const [aws, dynamodb, firstPrefect] = await Promise.all([
    startAwsEmulator(),
    startDynamoDbLocal(),
    startPrefectServer({ databaseFolder }),
  ]);
  let prefect = firstPrefect;
  const { apiUrl } = prefect;
  const outage: Outage = {
    begin: async () => {
      process.kill(-prefect.pid, 'SIGKILL');
      await prefect.stop();
    },
    end: async () => {
      prefect = await startPrefectServer({ databaseFolder, port: Number(new URL(apiUrl).port) });
    },
  };
  const nemesis = new Nemesis(random, outage);
  const dynamodbUrl = dynamodb.kind === 'running' ? dynamodb.url : aws.url;
  const awsProxy = await FaultProxy.to(aws.url, () => nemesis.interfere('aws'));
  const dynamodbProxy = await FaultProxy.to(dynamodbUrl, () => nemesis.interfere('dynamodb'));
  const prefectProxy = await FaultProxy.to(apiUrl, () => nemesis.interfere('prefect'));
  return {
    direct: { awsUrl: aws.url, dynamodbUrl, prefectApiUrl: apiUrl },
    disturbed: {
      awsUrl: awsProxy.url,
      dynamodbUrl: dynamodbProxy.url,
      prefectApiUrl: prefectProxy.urlOf(apiUrl),
    },
    nemesis,
    stop: async () => {
      await Promise.all([awsProxy.close(), dynamodbProxy.close(), prefectProxy.close()]);
      const stopDynamoDb = dynamodb.kind === 'running' ? dynamodb.stop() : Promise.resolve();
      await Promise.all([aws.stop(), prefect.stop(), stopDynamoDb]);
      rmSync(databaseFolder, { recursive: true, force: true });
    },
  };
}
