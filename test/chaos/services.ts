/** The services of the check: Prefect with a worker, Kafka, and the AWS emulator whose functions reach them through proxies. */
import { rmSync } from 'node:fs';
import { startAwsEmulator } from '../../scripts/stack/aws-emulator.ts';
import { awsEndpointAt, type AwsEndpoint } from '../../scripts/stack/aws-endpoint.ts';
import { startKafkaBroker } from '../../scripts/stack/kafka-broker.ts';
import { startPostgres } from '../../scripts/stack/postgres.ts';
import { freeLoopbackPort } from '../../scripts/stack/ports.ts';
import {
  startPrefectServer,
  type PrefectServer,
  type PrefectServerOptions,
} from '../../scripts/stack/prefect-server.ts';
import { startPrefectWorker, type PrefectWorker } from '../../scripts/stack/prefect-worker.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { FaultProxy } from '../support/proxies/fault-proxy.ts';
import type { Service } from '../support/proxies/service-faults.ts';

export type KeepStop = (stop: () => Promise<void>) => void;

export const WORK_POOL = 'chaos';

export interface Services {
  readonly aws: AwsEndpoint;
  readonly emulatorPid: number;
  readonly prefect: RestartablePrefect;
  /** `null` if Kafka is not installed. */
  readonly kafkaBootstrapServer: string | null;
  /** Between the functions and each service. */
  readonly proxies: Readonly<Record<Service, FaultProxy>>;
  /** What was left out, and why. */
  readonly absent: readonly string[];
}

/** `keepStop` receives the stop function of each part as soon as it runs, so that a later failure leaves nothing running. */
export async function startServices(keepStop: KeepStop): Promise<Services> {
  const proxies = {
    DynamoDB: await FaultProxy.start(),
    SQS: await FaultProxy.start(),
    S3: await FaultProxy.start(),
    Prefect: await FaultProxy.start(),
  };
  for (const proxy of Object.values(proxies)) keepStop(() => proxy.close());
  const [emulator, prefect, kafka] = await Promise.all([
    startAwsEmulator({
      functionEnvironment: {
        AWS_ENDPOINT_URL_DYNAMODB: proxies.DynamoDB.url,
        AWS_ENDPOINT_URL_SQS: proxies.SQS.url,
        AWS_ENDPOINT_URL_S3: proxies.S3.url,
      },
      queueUrlPort: new URL(proxies.SQS.url).port,
    }),
    RestartablePrefect.start(keepStop),
    startKafkaBroker(),
  ]);
  keepStop(emulator.stop);
  if (kafka.kind === 'running') keepStop(kafka.stop);
  for (const service of ['DynamoDB', 'SQS', 'S3'] as const) proxies[service].forwardTo(emulator.url);
  proxies.Prefect.forwardTo(prefect.apiUrl);
  return {
    aws: awsEndpointAt(emulator.url),
    emulatorPid: emulator.pid,
    prefect,
    kafkaBootstrapServer: kafka.kind === 'running' ? kafka.listeners.plaintext : null,
    proxies,
    absent: [
      ...(kafka.kind === 'absent' ? [`Kafka: ${kafka.reason}`] : []),
      ...(prefect.postgresAbsent === null
        ? []
        : [`Postgres (Prefect uses SQLite): ${prefect.postgresAbsent}`]),
    ],
  };
}

/** A Prefect server that keeps its database when it is killed, and the worker that executes its runs. */
export class RestartablePrefect {
  readonly apiUrl: string;
  /** Why Prefect does not run on Postgres; `null` if it does. */
  readonly postgresAbsent: string | null;
  readonly #options: PrefectServerOptions;
  #server: PrefectServer;
  #worker: PrefectWorker;

  private constructor(
    options: PrefectServerOptions,
    server: PrefectServer,
    worker: PrefectWorker,
    postgresAbsent: string | null,
  ) {
    this.#options = options;
    this.#server = server;
    this.#worker = worker;
    this.apiUrl = server.apiUrl;
    this.postgresAbsent = postgresAbsent;
  }

  static async start(keepStop: KeepStop): Promise<RestartablePrefect> {
    const postgres = await startPostgres();
    const port = await freeLoopbackPort();
    const databaseFolder = makeTemporaryFolder('prefect-database');
    const database = postgres.kind === 'running' ? { postgresUrl: postgres.url } : { databaseFolder };
    const options = { services: true, port, ...database };
    const server = await startPrefectServer(options);
    const worker = await startPrefectWorker({ apiUrl: server.apiUrl, workPool: WORK_POOL });
    const absent = postgres.kind === 'absent' ? postgres.reason : null;
    const prefect = new RestartablePrefect(options, server, worker, absent);
    keepStop(async () => {
      await prefect.#worker.stop();
      await prefect.#server.stop();
      if (postgres.kind === 'running') await postgres.stop();
      rmSync(databaseFolder, { recursive: true, force: true });
    });
    return prefect;
  }

  /** SIGKILL to the server and its children. */
  async kill(): Promise<void> {
    process.kill(-this.#server.pid, 'SIGKILL');
    await this.#server.stop();
  }

  /** Start the server again on its database, and the worker, which gives up on a server that is away for long. */
  async restart(): Promise<void> {
    this.#server = await startPrefectServer(this.#options);
    await this.#worker.stop();
    this.#worker = await startPrefectWorker({ apiUrl: this.apiUrl, workPool: WORK_POOL });
  }
}
