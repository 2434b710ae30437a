/** Starts the AWS emulator ministack (a PyPI package), patched by `ministack-launch.py`. */
import { join } from 'node:path';
import { plainEnvironment, projectFolder, pythonProgram, stackFolder } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { respondsOk, makeTemporaryFolder, startProcess } from './process.ts';

export interface AwsEmulator {
  /** The value of `AWS_ENDPOINT_URL`. It has an address because S3's virtual hosts do not resolve under `localhost`. */
  readonly url: string;
  /** Its children are the functions. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface AwsEmulatorOptions {
  /** Variables for all deployed functions: the emulator passes its own environment on to them. */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** The port of a proxy, to which SDK clients without an endpoint of their own send requests about a queue. */
  readonly queueUrlPort?: string;
}

/** @throws {NotReadyError} */
export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const temporaryFolder = makeTemporaryFolder('aws');
  const port = await freeLoopbackPort();
  const url = `http://127.0.0.1:${String(port)}`;
  const running = await startProcess({
    name: 'aws-emulator',
    command: pythonProgram('python'),
    args: [join(stackFolder, 'ministack-launch.py')],
    environment: {
      ...options.functionEnvironment,
      ...(options.queueUrlPort !== undefined && { SLUICE_QUEUE_URL_PORT: options.queueUrlPort }),
      ...plainEnvironment(temporaryFolder),
      S3_DATA_DIR: join(temporaryFolder, 's3'),
      // The functions of custom resources find the AWS SDK here; without it their deployment hangs.
      NODE_PATH: join(projectFolder, 'node_modules'),
      // Deprecation warnings of the emulator's worker would be in the log of every function.
      NODE_NO_WARNINGS: '1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: '127.0.0.1',
      // Evaluate the policies of roles, which is off by default.
      AUTH: 'true',
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
    },
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => respondsOk(`${url}/_ministack/health`),
    // It ignores SIGTERM while a custom resource waits for its response.
    graceMs: 6_000,
  });
  return { url, pid: running.pid, stop: running.stop };
}
