/**
 * What a stack has deployed of Sluice: which function serves which source, and where its dead letters are. The
 * functions' own environment says it, so it is right for whatever stack the construct is part of. Routes are in the
 * metadata of the template, and event source mappings say who reads a queue.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetTemplateCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GetFunctionConfigurationCommand, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { mapWithConcurrency } from '../../map-with-concurrency.ts';
import { DEAD_LETTER_QUEUE_URL_VARIABLE, SOURCE_VARIABLE } from '../../compiled-config/environment.ts';
import { METADATA_PREFIX } from '../../compiled-config/stack-metadata.ts';
import { isObject, isString, parseJson } from '../../json/untrusted-json.ts';

export interface DeployedFunction {
  readonly functionName: string;
  /** `sluice:windows` for the function of windows, which do not belong to one source. */
  readonly source: string;
  readonly deadLetterQueueUrl: string;
}

export interface StackClients {
  readonly cloudFormation: CloudFormationClient;
  readonly lambda: LambdaClient;
}

const PARALLEL_REQUESTS = 4;

/** @throws the SDK's errors, for example when there is no such stack. */
export async function readDeployedFunctions(
  stackName: string,
  clients: StackClients,
): Promise<readonly DeployedFunction[]> {
  const functions = await readFunctionConfigurations(stackName, clients);
  return functions.flatMap(({ functionName, variables }) => {
    const source = variables[SOURCE_VARIABLE];
    const deadLetterQueueUrl = variables[DEAD_LETTER_QUEUE_URL_VARIABLE];
    if (source === undefined || deadLetterQueueUrl === undefined) return [];
    return [{ functionName, source, deadLetterQueueUrl }];
  });
}

export interface FunctionConfiguration {
  readonly functionName: string;
  /** The function's environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly logGroupName: string;
}

/**
 * Read the configurations of all functions of a stack, those that are not of Sluice included.
 * @throws the SDK's errors, for example when there is no such stack.
 */
export async function readFunctionConfigurations(
  stackName: string,
  { cloudFormation, lambda }: StackClients,
): Promise<readonly FunctionConfiguration[]> {
  const names = await listFunctionNames(stackName, cloudFormation);
  return mapWithConcurrency(names, PARALLEL_REQUESTS, async (functionName) => {
    const { Environment, LoggingConfig } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
    return { functionName, variables: Environment?.Variables ?? {}, logGroupName };
  });
}

/** A route as the template of a deployed stack names it. */
export interface DeployedRoute {
  readonly name: string;
  /** `<flow>/<deployment>` */
  readonly deployment: string;
}

/**
 * Read the routes of all installations in a stack; none if the template was not made by `cdk`, or by an older version.
 * @throws the SDK's errors, for example when there is no such stack.
 */
export async function readDeployedRoutes(
  stackName: string,
  cloudFormation: CloudFormationClient,
): Promise<readonly DeployedRoute[]> {
  const { TemplateBody: text = '' } = await cloudFormation.send(
    new GetTemplateCommand({ StackName: stackName }),
  );
  const template = parseJson(text);
  const metadata = isObject(template) ? template['Metadata'] : null;
  if (!isObject(metadata)) return [];
  return Object.entries(metadata).flatMap(([key, installation]) => {
    if (!key.startsWith(METADATA_PREFIX) || !isObject(installation)) return [];
    const { routes } = installation;
    if (!isObject(routes)) return [];
    return Object.entries(routes).flatMap(([name, deployment]) =>
      isString(deployment) ? [{ name, deployment }] : [],
    );
  });
}

/**
 * List the names of the functions that read a queue of this account and region.
 * @throws the SDK's errors.
 */
export async function listQueueReaders(queueArn: string, lambda: LambdaClient): Promise<readonly string[]> {
  const readers: string[] = [];
  const pages = paginateListEventSourceMappings({ client: lambda }, { EventSourceArn: queueArn });
  for await (const { EventSourceMappings: mappings = [] } of pages) {
    for (const { FunctionArn: functionArn, State: state } of mappings) {
      // arn:aws:lambda:<region>:<account>:function:<name>, with an alias behind it or not
      const name = functionArn?.split(':')[6];
      if (name !== undefined && state !== 'Disabled' && state !== 'Deleting') readers.push(name);
    }
  }
  return readers;
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
