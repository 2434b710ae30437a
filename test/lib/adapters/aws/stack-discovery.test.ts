import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { readDeployedFunctions } from '../../../../lib/adapters/aws/stack-discovery.ts';

const GROUP = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/Sluice-Shop/0b6b5e1c';

const resource = (type: string, id: string) => ({
  ResourceType: type,
  PhysicalResourceId: id,
  LogicalResourceId: 'Logical',
  LastUpdatedTimestamp: new Date(0),
  ResourceStatus: 'CREATE_COMPLETE' as const,
});

describe('readDeployedFunctions', () => {
  it('finds the sources of nested stacks, and leaves functions out that are not of Sluice', async () => {
    const cloudFormation = mockClient(CloudFormationClient);
    cloudFormation.on(ListStackResourcesCommand, { StackName: 'Sluice' }).resolves({
      StackResourceSummaries: [
        resource('AWS::Lambda::Function', 'main-trigger'),
        resource('AWS::SQS::Queue', 'https://sqs/queue'),
        resource('AWS::CloudFormation::Stack', GROUP),
      ],
    });
    cloudFormation.on(ListStackResourcesCommand, { StackName: GROUP }).resolves({
      StackResourceSummaries: [
        resource('AWS::Lambda::Function', 'group-trigger'),
        resource('AWS::Lambda::Function', 'something-else'),
      ],
    });
    const lambda = mockClient(LambdaClient);
    const environmentOf = (source: string) => ({
      Environment: {
        Variables: { SLUICE_SOURCE: source, SLUICE_DEAD_LETTER_QUEUE_URL: `https://sqs/${source}` },
      },
    });
    lambda.on(GetFunctionConfigurationCommand).resolves({});
    lambda
      .on(GetFunctionConfigurationCommand, { FunctionName: 'main-trigger' })
      .resolves(environmentOf('jobs'));
    lambda
      .on(GetFunctionConfigurationCommand, { FunctionName: 'group-trigger' })
      .resolves(environmentOf('hook'));
    const deployed = await readDeployedFunctions('Sluice', {
      cloudFormation: new CloudFormationClient({}),
      lambda: new LambdaClient({}),
    });
    expect(deployed).toEqual([
      { functionName: 'main-trigger', source: 'jobs', deadLetterQueueUrl: 'https://sqs/jobs' },
      { functionName: 'group-trigger', source: 'hook', deadLetterQueueUrl: 'https://sqs/hook' },
    ]);
  });
});
