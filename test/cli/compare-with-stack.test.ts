import {
  CloudFormationClient,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  type EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareWithStack } from '../../cli/compare-with-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = join(folder, 'sluice.yaml');
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:jobs';
writeFileSync(
  file,
  `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "${QUEUE_ARN}" } }
routes: { process: { from: [jobs], run: { deployment: work/prod } } }
`,
);

function readerNamed(name: string, state = 'Enabled'): EventSourceMappingConfiguration {
  return { FunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${name}`, State: state };
}

/** A stack with one source `jobs` and these routes, and the readers of its queue. */
function deployedClients(
  routes: Readonly<Record<string, string>>,
  readers: readonly EventSourceMappingConfiguration[] = [readerNamed('own-trigger')],
) {
  const cloudFormation = new CloudFormationClient({});
  const lambda = new LambdaClient({});
  const cloudFormationMock = mockClient(cloudFormation);
  cloudFormationMock.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: [
      {
        ResourceType: 'AWS::Lambda::Function',
        PhysicalResourceId: 'own-trigger',
        LogicalResourceId: 'Logical',
        LastUpdatedTimestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE',
      },
    ],
  });
  cloudFormationMock.on(GetTemplateCommand).resolves({
    TemplateBody: JSON.stringify({ Metadata: { 'sluice:Sluice': { routes } }, Resources: {} }),
  });
  const lambdaMock = mockClient(lambda);
  const Variables = { SLUICE_SOURCE: 'jobs', SLUICE_DEAD_LETTER_QUEUE_URL: 'https://sqs/dead-letters' };
  lambdaMock.on(GetFunctionConfigurationCommand).resolves({ Environment: { Variables } });
  lambdaMock
    .on(ListEventSourceMappingsCommand, { EventSourceArn: QUEUE_ARN })
    .resolves({ EventSourceMappings: [...readers] });
  return { cloudFormation, lambda, cloudFormationMock, lambdaMock };
}

describe('sluice validate --stack', () => {
  it('has nothing to say about a file that removes and shares nothing', async () => {
    const clients = deployedClients({ process: 'work/prod' });
    expect(await compareWithStack(file, 'Sluice', clients)).toEqual({ text: '', kind: 'compared' });
  });

  it('warns of a renamed route, which does not change the exit code', async () => {
    const { text, kind } = await compareWithStack(file, 'Sluice', deployedClients({ work: 'work/prod' }));
    expect(text).toMatch(/^warning: route work of stack Sluice .* process, which starts work\/prod/);
    expect(kind).toBe('compared');
  });

  it('refuses a queue that another function reads', async () => {
    const readers = [readerNamed('own-trigger'), readerNamed('other-trigger:live')];
    const clients = deployedClients({ process: 'work/prod' }, readers);
    const { text, kind } = await compareWithStack(file, 'Sluice', clients);
    expect(text).toMatch(
      new RegExp(`^error: the queue ${QUEUE_ARN} .* by the function other-trigger already`),
    );
    expect(kind).toBe('refused');
  });

  it.each(['Disabled', 'Deleting'])('leaves a reader alone that is %s', async (state) => {
    const clients = deployedClients({ process: 'work/prod' }, [readerNamed('other-trigger', state)]);
    expect(await compareWithStack(file, 'Sluice', clients)).toEqual({ text: '', kind: 'compared' });
  });

  it('finds the reader of a queue before the first deployment of a stack', async () => {
    const clients = deployedClients({}, [readerNamed('other-trigger')]);
    clients.cloudFormationMock
      .on(ListStackResourcesCommand)
      .rejects(Object.assign(new Error('Stack with id New does not exist'), { name: 'ValidationError' }));
    const { text, kind } = await compareWithStack(file, 'New', clients);
    expect(text).toMatch(/^Stack New does not exist: nothing to compare with\.\nerror: the queue /);
    expect(kind).toBe('unreadable');
  });

  it('keeps its warnings if it may not list who reads a queue', async () => {
    const clients = deployedClients({ work: 'work/prod' });
    clients.lambdaMock
      .on(ListEventSourceMappingsCommand)
      .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));
    const { text, kind } = await compareWithStack(file, 'Sluice', clients);
    expect(text).toMatch(/^Cannot compare .* AccessDeniedException: not authorized\nwarning: route work/);
    expect(kind).toBe('unreadable');
  });

  it('calls no function foreign if the stack cannot be read', async () => {
    const clients = deployedClients({}, [readerNamed('own-trigger')]);
    clients.cloudFormationMock.on(ListStackResourcesCommand).rejects(new Error('no network'));
    const { text, kind } = await compareWithStack(file, 'Sluice', clients);
    expect(text).toMatch(/^Cannot compare .*no network$/);
    expect(kind).toBe('unreadable');
  });

  it('knows no routes of a stack whose template does not name them', async () => {
    const clients = deployedClients({});
    clients.cloudFormationMock.on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{}}' });
    expect(await compareWithStack(file, 'Sluice', clients)).toEqual({ text: '', kind: 'compared' });
  });

  it('prints no comparison for a file that is not valid', async () => {
    const comparison = await compareWithStack('no-such-file.yaml', 'Sluice');
    expect(comparison).toEqual({ text: '', kind: 'compared' });
  });
});
