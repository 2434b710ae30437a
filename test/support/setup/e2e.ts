/** End-to-end tests deploy the app, and a worker executes the flow runs. */
import type { TestProject } from 'vitest/node';
import { awsEmulator, prefectServerAndWorker, startParts } from './parts.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  return startParts(project, [prefectServerAndWorker, awsEmulator]);
}
