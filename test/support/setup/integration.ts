/** Integration tests run whole functions in this process, against AWS and Prefect. */
import type { TestProject } from 'vitest/node';
import { awsEmulator, prefectServer, startParts } from './parts.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  return startParts(project, [prefectServer, awsEmulator]);
}
