/** Compares a configuration file with a deployed stack: sources and routes that would go, and queues that others read. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import {
  listQueueReaders,
  readDeployedFunctions,
  readDeployedRoutes,
  type DeployedFunction,
  type DeployedRoute,
} from '../lib/adapters/aws/stack-discovery.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { readConfigFile } from './config-file.ts';
import {
  describeForeignReaders,
  describeRemovedRoutes,
  describeRemovedSources,
  type Compared,
} from './stack-differences.ts';

export interface Comparison {
  /** Warnings and errors, or why the stack cannot be read. Empty if there is nothing to say. */
  readonly text: string;
  readonly kind: 'compared' | 'refused' | 'unreadable';
}

export interface ComparisonClients {
  readonly cloudFormation: CloudFormationClient;
  readonly lambda: LambdaClient;
}

/** Compare nothing if the file is not valid: its own problems come first. */
export async function compareWithStack(
  file: string,
  stack: string,
  clients: ComparisonClients = {
    cloudFormation: new CloudFormationClient(awsClientSettings()),
    lambda: new LambdaClient(awsClientSettings()),
  },
): Promise<Comparison> {
  const read = readConfigFile(file);
  const result = read.ok ? loadConfigText(read.text, file) : null;
  if (result?.ok !== true) return { text: '', kind: 'compared' };
  const failures = new Set<string>();
  const attempt = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      failures.add(`Cannot compare ${file} with stack ${stack}: ${reason}`);
      return null;
    }
  };
  const deployed = await attempt(() => readDeployed(stack, clients));
  const warnings = deployed === null ? [] : describeRemovals(deployed, result.config, { file, stack });
  const errors =
    deployed === null
      ? []
      : await attempt(() => findForeignReaders(deployed, result.config, { file, stack }, clients));
  const missing =
    deployed?.kind === 'missing' ? [`Stack ${stack} does not exist: nothing to compare with.`] : [];
  return {
    text: [...missing, ...failures, ...warnings, ...(errors ?? [])].join('\n'),
    kind: failures.size + missing.length > 0 ? 'unreadable' : errors?.length === 0 ? 'compared' : 'refused',
  };
}

interface Deployed {
  /** `missing`: there is no such stack, yet. */
  readonly kind: 'stack' | 'missing';
  readonly functions: readonly DeployedFunction[];
  readonly routes: readonly DeployedRoute[];
}

async function readDeployed(stack: string, clients: ComparisonClients): Promise<Deployed> {
  try {
    const functions = await readDeployedFunctions(stack, clients);
    return { kind: 'stack', functions, routes: await readDeployedRoutes(stack, clients.cloudFormation) };
  } catch (error) {
    if (!isNoSuchStack(error)) throw error;
    return { kind: 'missing', functions: [], routes: [] };
  }
}

/** CloudFormation has no error of its own for this. */
function isNoSuchStack(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')
  );
}

function describeRemovals(
  { functions, routes }: Deployed,
  config: CompiledConfig,
  compared: Compared,
): readonly string[] {
  const deployedSources = functions.map(({ source }) => source);
  const configuredRoutes = config.routes.map(({ name, run: { flow, deployment } }): DeployedRoute => ({
    name,
    deployment: `${flow}/${deployment}`,
  }));
  return [
    ...describeRemovedSources(deployedSources, Object.keys(config.sources), compared),
    ...describeRemovedRoutes(routes, configuredRoutes, compared),
  ];
}

async function findForeignReaders(
  { functions }: Deployed,
  { sources }: CompiledConfig,
  compared: Compared,
  { lambda }: ComparisonClients,
): Promise<readonly string[]> {
  const own = new Set(functions.map(({ functionName }) => functionName));
  const errors: string[] = [];
  for (const source of Object.values(sources)) {
    if (source.type !== 'sqs') continue;
    const readers = await listQueueReaders(source.queueArn, lambda);
    const foreign = readers.filter((reader) => !own.has(reader));
    errors.push(...describeForeignReaders(source.name, source.queueArn, foreign, compared));
  }
  return errors;
}
