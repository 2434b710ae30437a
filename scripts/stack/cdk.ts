/** Runs the CDK command line of this project (npm package `aws-cdk`) against the AWS emulator. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { awsEnvironment, type AwsEndpoint } from './aws-endpoint.ts';
import { nodeFolder, plainEnvironment, projectFolder } from './paths.ts';

/** `cdk` ended with an error. The message ends with the last lines of its output. */
export class CdkError extends Error {
  override readonly name = 'CdkError';
  readonly exitCode: number | null;

  constructor(args: readonly string[], exitCode: number | null, output: string) {
    const lastLines = output.trimEnd().split('\n').slice(-25).join('\n  ');
    super(`cdk ${args.join(' ')} ended with ${String(exitCode)}. Its last output:\n  ${lastLines}`);
    this.exitCode = exitCode;
  }
}

/** Run `cdk` with its files in `homeFolder`, without printing its output. @throws {CdkError} */
export async function runCdk(args: readonly string[], aws: AwsEndpoint, homeFolder: string): Promise<void> {
  const child = spawn(
    join(nodeFolder, 'node'),
    [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), ...args],
    {
      cwd: projectFolder,
      env: {
        ...plainEnvironment(homeFolder),
        ...awsEnvironment(aws),
        // No colors, no progress bar, no questions.
        CI: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group, so that the app that it starts ends with it.
      detached: true,
    },
  );
  const endWithUs = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  process.prependOnceListener('exit', endWithUs);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  process.removeListener('exit', endWithUs);
  if (exitCode !== 0) throw new CdkError(args, exitCode, `${stdout}\n${stderr}`);
}
