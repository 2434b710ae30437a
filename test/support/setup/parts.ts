/** The real parts that tests run against. A part that the environment names is used as it is. */
import type { TestProject } from 'vitest/node';
import { startAwsEmulator } from '../../../scripts/stack/aws-emulator.ts';
import { startDynamoDbLocal } from '../../../scripts/stack/dynamodb-local.ts';
import { startKafkaBroker } from '../../../scripts/stack/kafka-broker.ts';
import { startPostgres } from '../../../scripts/stack/postgres.ts';
import { startPrefectServer } from '../../../scripts/stack/prefect-server.ts';
import { startSchemaRegistry } from '../../../scripts/stack/schema-registry.ts';
import './provided.ts';

type StopPart = () => Promise<void>;

/** Starts a part, provides its address to the tests of the project, and returns how it is stopped. */
export type Part = (project: TestProject) => Promise<StopPart>;

const nothingToStop: StopPart = () => Promise.resolve();

/** What fails to start fails the run; the parts that did start end with the process. */
export async function startParts(project: TestProject, parts: readonly Part[]): Promise<StopPart> {
  const stops = await Promise.all(parts.map((start) => start(project)));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

export const awsEmulator: Part = async (project) => {
  const given = process.env['AWS_ENDPOINT_URL'];
  if (given !== undefined) {
    project.provide('awsEndpointUrl', given);
    return nothingToStop;
  }
  const emulator = await startAwsEmulator();
  project.provide('awsEndpointUrl', emulator.url);
  return emulator.stop;
};

export const dynamodbLocal: Part = async (project) => {
  const dynamodb = await startDynamoDbLocal();
  if (dynamodb.kind === 'absent') {
    project.provide('dynamodbLocalUrl', null);
    console.warn(`Tests on DynamoDB Local are skipped. ${dynamodb.reason}`);
    return nothingToStop;
  }
  project.provide('dynamodbLocalUrl', dynamodb.url);
  return dynamodb.stop;
};

/** A broker that the environment names is taken for one without logins: those tests are skipped. */
export const kafkaBroker: Part = async (project) => {
  const given = process.env['KAFKA_BOOTSTRAP_SERVERS'];
  const broker = given === undefined ? await startKafkaBroker() : null;
  const listeners = broker?.kind === 'running' ? broker.listeners : null;
  project.provide('kafkaBootstrapServers', given ?? listeners?.plaintext ?? null);
  project.provide('kafkaListeners', listeners);
  if (broker?.kind === 'absent') console.warn(`Tests on Kafka are skipped. ${broker.reason}`);
  return broker?.kind === 'running' ? broker.stop : nothingToStop;
};

export const schemaRegistry: Part = async (project) => {
  const given = process.env['SCHEMA_REGISTRY_URL'];
  if (given !== undefined) {
    project.provide('schemaRegistryUrl', given);
    return nothingToStop;
  }
  const registry = await startSchemaRegistry();
  if (registry.kind === 'absent') {
    project.provide('schemaRegistryUrl', null);
    console.warn(`Tests on a schema registry are skipped. ${registry.reason}`);
    return nothingToStop;
  }
  project.provide('schemaRegistryUrl', registry.url);
  return registry.stop;
};

/** On one-connection SQLite and without services: the quickest to start and to answer. */
export const prefectServer: Part = async (project) => {
  const given = process.env['PREFECT_API_URL'];
  if (given !== undefined) {
    project.provide('prefectApiUrl', given);
    return nothingToStop;
  }
  const server = await startPrefectServer();
  project.provide('prefectApiUrl', server.apiUrl);
  return server.stop;
};

/** For what only Postgres shows: aborted transactions, text that it refuses, deadlocks. */
export const prefectServerOnPostgres: Part = async (project) => {
  const postgres = await startPostgres();
  if (postgres.kind === 'absent') {
    project.provide('prefectPostgresApiUrl', null);
    console.warn(`Tests on Prefect over Postgres are skipped. ${postgres.reason}`);
    return nothingToStop;
  }
  const server = await startPrefectServer({ postgresUrl: postgres.url });
  project.provide('prefectPostgresApiUrl', server.apiUrl);
  return async () => {
    await server.stop();
    await postgres.stop();
  };
};
