/** The real services of a soak, and the proxies between them and the functions. */
import { rmSync } from 'node:fs';
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../scripts/stack/dynamodb-local.ts';
import { startKafkaBroker } from '../../scripts/stack/kafka-broker.ts';
import { startPrefectServer, type PrefectServer } from '../../scripts/stack/prefect-server.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { FaultProxy } from '../support/proxies/fault-proxy.ts';
import type { Service } from '../support/proxies/service-faults.ts';
import type { Endpoints } from '../crash/fixture.ts';

export interface SoakServices {
  readonly direct: Endpoints;
  /** Through the proxies. */
  readonly disturbed: Endpoints;
  readonly proxies: Readonly<Record<Service, FaultProxy>>;
  /** `null` if Kafka is not installed. */
  readonly kafkaBootstrapServer: string | null;
  /** What was left out, and why. */
  readonly absent: readonly string[];
  readonly killPrefect: () => Promise<void>;
  /** Start it again on the same database. */
  readonly restartPrefect: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startSoakServices(): Promise<SoakServices> {
  const databaseFolder = makeTemporaryFolder('prefect-database');
  const [aws, dynamodb, firstPrefect, kafka] = await Promise.all([
    startAwsEmulator(),
    startDynamoDbLocal(),
    startPrefectServer({ databaseFolder }),
    startKafkaBroker(),
  ]);
  let prefect: PrefectServer = firstPrefect;
  const { apiUrl } = prefect;
  const dynamodbUrl = dynamodb.kind === 'running' ? dynamodb.url : aws.url;
  const through = (url: string): Promise<FaultProxy> => FaultProxy.to(url, () => ({ kind: 'none' }));
  const proxies = {
    DynamoDB: await through(dynamodbUrl),
    SQS: await through(aws.url),
    S3: await through(aws.url),
    Prefect: await through(apiUrl),
  };
  return {
    direct: { awsUrl: aws.url, dynamodbUrl, prefectApiUrl: apiUrl },
    disturbed: {
      awsUrl: proxies.SQS.url,
      dynamodbUrl: proxies.DynamoDB.url,
      prefectApiUrl: proxies.Prefect.urlOf(apiUrl),
      s3Url: proxies.S3.url,
    },
    proxies,
    kafkaBootstrapServer: kafka.kind === 'running' ? kafka.listeners.plaintext : null,
    absent: [
      ...(kafka.kind === 'absent' ? [`Kafka: ${kafka.reason}`] : []),
      ...(dynamodb.kind === 'absent' ? [`DynamoDB Local (the emulator's is used): ${dynamodb.reason}`] : []),
    ],
    killPrefect: async () => {
      process.kill(-prefect.pid, 'SIGKILL');
      await prefect.stop();
    },
    restartPrefect: async () => {
      prefect = await startPrefectServer({ databaseFolder, port: Number(new URL(apiUrl).port) });
    },
    stop: async () => {
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
      await Promise.all([
        aws.stop(),
        prefect.stop(),
        ...(dynamodb.kind === 'running' ? [dynamodb.stop()] : []),
        ...(kafka.kind === 'running' ? [kafka.stop()] : []),
      ]);
      rmSync(databaseFolder, { recursive: true, force: true });
    },
  };
}
