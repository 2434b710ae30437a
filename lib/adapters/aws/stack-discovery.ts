/**
 * What a stack has deployed of Sluice: which function serves which source, and where its dead letters are. The
 * functions' own environment says it, so it is right for whatever stack the construct is part of.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { mapWithConcurrency } from '../../map-with-concurrency.ts';
import { DEAD_LETTER_QUEUE_URL_VARIABLE, SOURCE_VARIABLE } from '../../compiled-config/environment.ts';

export interface DeployedFunction {
  readonly functionName: string;
  /** `sluice:windows` for the function of windows, which do not belong to one source. */
  readonly source: string;
  readonly deadLetterQueueUrl: string;
}

const PARALLEL_REQUESTS = 4;

/** @throws the SDK's errors, for example when there is no such stack. */
export async function readDeployedFunctions(
  stackName: string,
  clients: { readonly cloudFormation: CloudFormationClient; readonly lambda: LambdaClient },
): Promise<readonly DeployedFunction[]> {
  const names = await listFunctionNames(stackName, clients.cloudFormation);
  const found = await mapWithConcurrency(names, PARALLEL_REQUESTS, async (functionName) => {
    const { Environment: environment } = await clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const source = environment?.Variables?.[SOURCE_VARIABLE];
    const deadLetterQueueUrl = environment?.Variables?.[DEAD_LETTER_QUEUE_URL_VARIABLE];
    if (source === undefined || deadLetterQueueUrl === undefined) return [];
    return [{ functionName, source, deadLetterQueueUrl }];
  });
  return found.flat();
}

/** List the functions of a stack and of the nested stacks in it, where the sources of a `group` are. */
async function listFunctionNames(
  stackName: string,
  cloudFormation: CloudFormationClient,
): Promise<readonly string[]> {
  const names: string[] = [];
  const pages = paginateListStackResources({ client: cloudFormation }, { StackName: stackName });
  for await (const { StackResourceSummaries: resources = [] } of pages) {
    for (const { ResourceType: type, PhysicalResourceId: id } of resources) {
      if (id === undefined) continue;
      if (type === 'AWS::Lambda::Function') names.push(id);
      if (type === 'AWS::CloudFormation::Stack') names.push(...(await listFunctionNames(id, cloudFormation)));
    }
  }
  return names;
}
