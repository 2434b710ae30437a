/** The CDK command line of this project (npm `aws-cdk`), against what stands in for AWS. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { awsEnvironment, type AwsEndpoint } from './aws-endpoint.ts';
import { nodeFolder, plainEnvironment, projectFolder } from './paths.ts';

/** `cdk` ended with an error; the message ends with the last lines of what it said. */
export class CdkError extends Error {
  override readonly name = 'CdkError';
  readonly exitCode: number | null;

  constructor(args: readonly string[], exitCode: number | null, output: string) {
    const lastLines = output.trimEnd().split('\n').slice(-25).join('\n  ');
    super(`cdk ${args.join(' ')} ended with ${String(exitCode)}. It said:\n  ${lastLines}`);
    this.exitCode = exitCode;
  }
}

/** Keeps its files in `homeFolder` and its output to itself. @throws {CdkError} */
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
      // A process group, so that the app which it runs can be ended with it.
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
