/** Integration tests run whole functions, against AWS, Prefect and Kafka. */
import type { TestProject } from 'vitest/node';
import {
  awsEmulator,
  dynamodbLocal,
  kafkaBroker,
  prefectServer,
  schemaRegistry,
  startParts,
} from './parts.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  return startParts(project, [prefectServer, awsEmulator, dynamodbLocal, kafkaBroker, schemaRegistry]);
}
