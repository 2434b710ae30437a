/** Contract suites run against each real part that implements a port. */
import type { TestProject } from 'vitest/node';
import {
  awsEmulator,
  dynamodbLocal,
  prefectServer,
  prefectServerOnPostgres,
  schemaRegistry,
  startParts,
} from './parts.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  return startParts(project, [
    prefectServer,
    prefectServerOnPostgres,
    awsEmulator,
    dynamodbLocal,
    schemaRegistry,
  ]);
}
