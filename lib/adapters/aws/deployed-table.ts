/** Find the table and the log groups of a deployed stack, as its functions name them. */
import {
  INSTALLATION_VARIABLE,
  SOURCE_VARIABLE,
  TABLE_NAME_VARIABLE,
} from '../../compiled-config/environment.ts';
import { readFunctionConfigurations, type StackClients } from './stack-discovery.ts';

export interface DeployedTable {
  readonly tableName: string;
  /** ARN of the table. */
  readonly installation: string;
  /** Of the functions of Sluice. */
  readonly logGroupNames: readonly string[];
}

/**
 * Return null when no function of the stack has a table.
 * @throws the SDK's errors, for example when there is no such stack.
 */
export async function readDeployedTable(
  stackName: string,
  clients: StackClients,
): Promise<DeployedTable | null> {
  const functions = await readFunctionConfigurations(stackName, clients);
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
