/** Starts Apache Kafka in KRaft mode (a Maven package), one node without data. It needs a JDK. */
import { Admin } from '@platformatic/kafka';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasOpenssl, makeKafkaCertificates } from './kafka-certificates.ts';
import { kafkaProperties } from './kafka-properties.ts';
import { mavenFiles } from './maven.ts';
import { plainEnvironment, stackFolder } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { makeTemporaryFolder, startProcess } from './process.ts';

export type KafkaBroker =
  | { readonly kind: 'running'; readonly listeners: KafkaListeners; readonly stop: () => Promise<void> }
  | { readonly kind: 'absent'; readonly reason: string };

/** `host:port` of each listener, and the users. Plain data, so that a setup can pass it to tests. */
export interface KafkaListeners {
  readonly plaintext: string;
  readonly saslPlaintext: string;
  readonly saslSsl: string;
  /** The CA certificate for clients of `saslSsl`, in PEM. */
  readonly caPem: string;
  readonly plainUser: KafkaUser;
  /** The user of SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly scramUser: KafkaUser;
}

export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

const plainUser: KafkaUser = { username: 'plain', password: 'plain-secret' };
const scramUser: KafkaUser = { username: 'scram', password: 'scram-secret' };
/** Any id works; a fixed one avoids starting a JVM to generate one. */
const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** @throws {NotReadyError} */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  if (!hasOpenssl()) {
    return { kind: 'absent', reason: 'openssl, which creates certificates, is not on the PATH.' };
  }
  const files = await mavenFiles({
    name: 'kafka-broker',
    kind: 'jars',
    pomFile: join(stackFolder, 'kafka-broker.pom.xml'),
  });
  if (files.kind === 'absent') return files;

  const temporaryFolder = makeTemporaryFolder('kafka');
  const certificates = makeKafkaCertificates(temporaryFolder);
  const ports = {
    plaintext: await freeLoopbackPort(),
    saslPlaintext: await freeLoopbackPort(),
    saslSsl: await freeLoopbackPort(),
    controller: await freeLoopbackPort(),
  };
  const propertiesFile = join(temporaryFolder, 'server.properties');
  const dataFolder = join(temporaryFolder, 'data');
  writeFileSync(
    propertiesFile,
    kafkaProperties({ ports, dataFolder, plainUser, keystoreFile: certificates.keystoreFile }),
  );
  const classPath = ['-cp', `${files.folder}/*`];
  const environment = plainEnvironment(temporaryFolder);
  await promisify(execFile)(
    'java',
    [
      ...[...classPath, 'kafka.tools.StorageTool', 'format', '--standalone'],
      ...['-t', CLUSTER_ID, '-c', propertiesFile],
      ...['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${scramUser.username},password=${scramUser.password}]`,
      ]),
    ],
    { env: environment },
  );
  const listeners: KafkaListeners = {
    plaintext: `127.0.0.1:${String(ports.plaintext)}`,
    saslPlaintext: `127.0.0.1:${String(ports.saslPlaintext)}`,
    saslSsl: `127.0.0.1:${String(ports.saslSsl)}`,
    caPem: certificates.caPem,
    plainUser,
    scramUser,
  };
  const running = await startProcess({
    name: 'kafka-broker',
    command: 'java',
    args: [
      ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      ...[...classPath, 'kafka.Kafka', propertiesFile],
    ],
    environment,
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => canCreateTopics(listeners.plaintext),
  });
  return { kind: 'running', listeners, stop: running.stop };
}

/** Check with a client, because the ports are open before the broker is ready. */
async function canCreateTopics(bootstrapServer: string): Promise<boolean> {
  const admin = new Admin({ clientId: 'readiness', bootstrapBrokers: [bootstrapServer], retries: 0 });
  try {
    await admin.createTopics({ topics: ['readiness'], partitions: 1, replicas: 1 });
    await admin.deleteTopics({ topics: ['readiness'] });
    return true;
  } finally {
    await admin.close();
  }
}
