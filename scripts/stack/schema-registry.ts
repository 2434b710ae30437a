/** Apicurio Registry with the API of Confluent's, in memory, from Maven's registry. Needs a JDK. */
import { join } from 'node:path';
import { mavenFiles } from './maven.ts';
import { plainEnvironment } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { answersOk, makeTemporaryFolder, startProcess } from './process.ts';

export type SchemaRegistry =
  | {
      readonly kind: 'running';
      /** Of Confluent's API: `<url>/subjects`, `<url>/schemas/ids/1`. */
      readonly url: string;
      readonly stop: () => Promise<void>;
    }
  | { readonly kind: 'absent'; readonly reason: string };

/** The last line of versions that runs on Java 17: from 3.1 on it takes 21. */
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
      // Its health pages would listen on port 9000 of every address.
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${String(await freeLoopbackPort())}`,
      ...['-jar', join(files.folder, `apicurio-registry-app-${VERSION}-runner.jar`)],
    ],
    environment: plainEnvironment(temporaryFolder),
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => answersOk(`${url}/subjects`),
  });
  return { kind: 'running', url, stop: running.stop };
}
