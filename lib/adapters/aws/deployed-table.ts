/** Find the table and the log groups of a deployed stack, as its functions name them. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { mapWithConcurrency } from '../../map-with-concurrency.ts';
import {
  INSTALLATION_VARIABLE,
  SOURCE_VARIABLE,
  TABLE_NAME_VARIABLE,
} from '../../compiled-config/environment.ts';
import { listFunctionNames } from './stack-discovery.ts';

export interface DeployedTable {
  readonly tableName: string;
  /** ARN of the table. */
  readonly installation: string;
  /** Of the functions of Sluice. */
  readonly logGroupNames: readonly string[];
}

const PARALLEL_REQUESTS = 4;

/**
 * Return null when no function of the stack has a table.
 * @throws the SDK's errors, for example when there is no such stack.
 */
export async function readDeployedTable(
  stackName: string,
  clients: { readonly cloudFormation: CloudFormationClient; readonly lambda: LambdaClient },
): Promise<DeployedTable | null> {
  const names = await listFunctionNames(stackName, clients.cloudFormation);
  const functions = await mapWithConcurrency(names, PARALLEL_REQUESTS, async (functionName) => {
    const { Environment, LoggingConfig } = await clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
    return { variables: Environment?.Variables ?? {}, logGroupName };
  });
  const ofSluice = functions.filter(({ variables }) => variables[SOURCE_VARIABLE] !== undefined);
  const logGroupNames = [...new Set(ofSluice.map(({ logGroupName }) => logGroupName))];
  for (const { variables } of ofSluice) {
    const tableName = variables[TABLE_NAME_VARIABLE];
    const installation = variables[INSTALLATION_VARIABLE];
    if (tableName !== undefined && installation !== undefined)
      return { tableName, installation, logGroupNames };
  }
  return null;
}
