/** Deploys the CDK app to the AWS emulator, as a user deploys it to AWS. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { cdkEnvironmentOf, type AwsEndpoint } from './aws-endpoint.ts';
import { runCdk } from './cdk.ts';
import { makeTemporaryFolder } from './process.ts';

export interface DeploymentTerms {
  readonly aws: AwsEndpoint;
  readonly stackName: string;
  /** Relative to the project, or absolute. */
  readonly configFile: string;
  /** Overrides the configuration. */
  readonly prefectApiUrl: string;
  /** Overrides the configuration, by the name of the source. */
  readonly queueArns: Readonly<Record<string, string>>;
  /** Default: the default of the app, with alarms. A stack can have 500 resources, and each source has six alarms. */
  readonly alarms?: boolean;
}

/** The outputs of a stack by name. */
export type StackOutputs = Readonly<Record<string, string>>;

const OutputsFile = z.record(z.string(), z.record(z.string(), z.string()));

/** Create the bucket and the roles that `cdk deploy` uses, once for each account and region. @throws {CdkError} */
export async function bootstrapCdk(aws: AwsEndpoint): Promise<void> {
  // Without an app, because there is nothing to synthesize.
  await inTemporaryFolder((folder) => runCdk(['bootstrap', cdkEnvironmentOf(aws), '--app', ''], aws, folder));
}

/** Deploy a stack. Each deployment has its own output folder, so several can run at once. @throws {CdkError} */
export async function deployStack(terms: DeploymentTerms): Promise<StackOutputs> {
  const { aws, stackName, configFile, prefectApiUrl, queueArns, alarms } = terms;
  const arns = Object.entries(queueArns).map(([source, arn]) => `${source}=${arn}`);
  const context = {
    stackName,
    config: configFile,
    prefectApiUrl,
    ...(arns.length > 0 && { queueArns: arns.join(',') }),
    ...(alarms !== undefined && { alarms: String(alarms) }),
    removalPolicy: 'destroy',
  };
  return inTemporaryFolder(async (folder) => {
    const outputsFile = join(folder, 'outputs.json');
    await runCdk(
      [
        'deploy',
        ...['--output', join(folder, 'cdk.out'), '--outputs-file', outputsFile],
        ...['--require-approval', 'never'],
        ...Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      aws,
      folder,
    );
    return OutputsFile.parse(JSON.parse(readFileSync(outputsFile, 'utf8')))[stackName] ?? {};
  });
}

/** @throws if the stack does not have the output */
export function outputOf(outputs: StackOutputs, name: string): string {
  const value = outputs[name];
  if (value !== undefined) return value;
  throw new Error(`The stack has no output ${name}; it has ${Object.keys(outputs).join(', ')}.`);
}

/** Run `work` with a temporary folder, which is removed even if this process exits meanwhile. */
async function inTemporaryFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = makeTemporaryFolder('cdk');
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}
