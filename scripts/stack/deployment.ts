/** The CDK app, deployed as a user deploys it, to what stands in for AWS. */
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
  /** In place of what the configuration says. */
  readonly prefectApiUrl: string;
  /** In place of what the configuration says, by the name of the source. */
  readonly queueArns: Readonly<Record<string, string>>;
  /** Default: as the app has it, with alarms. A stack has room for 500 resources, and six alarms a source are many. */
  readonly alarms?: boolean;
}

/** What the stack tells of itself, by the name of the output. */
export type StackOutputs = Readonly<Record<string, string>>;

const OutputsFile = z.record(z.string(), z.record(z.string(), z.string()));

/** Once for each account and region: the bucket and the roles that `cdk deploy` works with. @throws {CdkError} */
export async function bootstrapCdk(aws: AwsEndpoint): Promise<void> {
  // Without an app: there is nothing to synthesize for it.
  await inTemporaryFolder((folder) => runCdk(['bootstrap', cdkEnvironmentOf(aws), '--app', ''], aws, folder));
}

/** Synthesizes into a folder of its own, so that deployments may run side by side. @throws {CdkError} */
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

/** @throws when the stack has no such output */
export function outputOf(outputs: StackOutputs, name: string): string {
  const value = outputs[name];
  if (value !== undefined) return value;
  throw new Error(`The stack has no output ${name}; it has ${Object.keys(outputs).join(', ')}.`);
}

/** The folder is removed even when this process is told to exit meanwhile. */
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
