/** Starts Apicurio Registry (a Maven package) in memory, with Confluent's API. It needs a JDK. */
import { join } from 'node:path';
import { mavenFiles } from './maven.ts';
import { plainEnvironment } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { respondsOk, makeTemporaryFolder, startProcess } from './process.ts';

export type SchemaRegistry =
  | {
      readonly kind: 'running';
      /** The base URL of Confluent's API: `<url>/subjects`, `<url>/schemas/ids/1`. */
      readonly url: string;
      readonly stop: () => Promise<void>;
    }
  | { readonly kind: 'absent'; readonly reason: string };

/** The last minor version that runs on Java 17; 3.1 needs Java 21. */
const VERSION = '3.0.9';

/** @throws {NotReadyError} */
export async function startSchemaRegistry(): Promise<SchemaRegistry> {
  const files = await mavenFiles({
    name: 'schema-registry',
    kind: 'archive',
    artifact: `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`,
  });
  if (files.kind === 'absent') return files;

  const temporaryFolder = makeTemporaryFolder('schema-registry');
  const port = await freeLoopbackPort();
  const url = `http://127.0.0.1:${String(port)}/apis/ccompat/v7`;
  const running = await startProcess({
    name: 'schema-registry',
    command: 'java',
    args: [
      ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${String(port)}`],
      // Its health checks would listen on port 9000 of all addresses.
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${String(await freeLoopbackPort())}`,
      ...['-jar', join(files.folder, `apicurio-registry-app-${VERSION}-runner.jar`)],
    ],
    environment: plainEnvironment(temporaryFolder),
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => respondsOk(`${url}/subjects`),
  });
  return { kind: 'running', url, stop: running.stop };
}
