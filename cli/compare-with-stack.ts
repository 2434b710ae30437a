/** Compares a configuration file with a deployed stack: which sources would lose the reader of their queues. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { readDeployedFunctions } from '../lib/adapters/aws/stack-discovery.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { readConfigFile } from './config-file.ts';

export interface Comparison {
  /** Warnings, or why the stack cannot be read. Empty if there is nothing to say. */
  readonly text: string;
  readonly couldReadStack: boolean;
}

/** Compare nothing if the file is not valid: its own problems come first. */
export async function compareWithStack(file: string, stack: string): Promise<Comparison> {
  const read = readConfigFile(file);
  const result = read.ok ? loadConfigText(read.text, file) : null;
  if (result?.ok !== true) return { text: '', couldReadStack: true };
  try {
    const clients = {
      cloudFormation: new CloudFormationClient(awsClientSettings()),
      lambda: new LambdaClient(awsClientSettings()),
    };
    const deployed = await readDeployedFunctions(stack, clients);
    const text = describeRemovedSources(
      deployed.map(({ source }) => source),
      Object.keys(result.config.sources),
      { file, stack },
    );
    return { text, couldReadStack: true };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { text: `Cannot compare ${file} with stack ${stack}: ${reason}`, couldReadStack: false };
  }
}

/** Names with a colon belong to functions that serve no single source. */
export function describeRemovedSources(
  deployed: readonly string[],
  configured: readonly string[],
  { file, stack }: { readonly file: string; readonly stack: string },
): string {
  const removed = [...new Set(deployed)].filter((name) => !name.includes(':') && !configured.includes(name));
  return removed
    .toSorted()
    .map(
      (name) =>
        `warning: source ${name} of stack ${stack} is not in ${file}. A deployment takes the reader of its queues away, ` +
        'and their events expire. To rename or remove it, set retired: true first and let its queues drain.',
    )
    .join('\n');
}
