/** What became of an event is asked by the command, as an operator does. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsEndpointAt, awsEnvironment } from '../../scripts/stack/aws-endpoint.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';
import { collectedIds, eventually, post, sendMessages } from '../support/parts/e2e-sluice.ts';

const { stackName } = inject('e2eDeployment');
const CONFIG = join(projectFolder, 'test/e2e/sluice.yaml');
const folder = mkdtempSync(join(tmpdir(), 'sluice-trace-'));

function trace(
  ...args: readonly string[]
): Promise<{ exitCode: unknown; output: string; errorOutput: string }> {
  const command = [
    join(projectFolder, 'cli/sluice.ts'),
    'trace',
    '--stack',
    stackName,
    '--config',
    CONFIG,
    ...args,
  ];
  const env = {
    ...process.env,
    ...awsEnvironment(awsEndpointAt(inject('awsEndpointUrl'))),
    PREFECT_API_URL: inject('prefectApiUrl'),
  };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, output, errorOutput) => {
      resolve({ exitCode: error === null ? 0 : error.code, output, errorOutput });
    });
  });
}

describe('sluice trace', () => {
  const id = `trace-${randomUUID()}`;
  const body = JSON.stringify({ id });

  beforeAll(async () => {
    await sendMessages('jobs', [{ body }]);
    await eventually(async () => (await collectedIds(id)).length === 1);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds the flow run of an event by its key, by the event itself, and back from the run', async () => {
    const byKey = await trace('--key', id, '--route', 'collect-orders');
    expect(byKey).toMatchObject({ exitCode: 0, errorOutput: '' });
    expect(byKey.output).toMatch(
      new RegExp(
        `^On the route collect-orders, the event with the key "${id}" is in flow run collect-orders-`,
      ),
    );
    const file = join(folder, 'event.json');
    writeFileSync(file, body);
    const byEvent = await trace('--event', file, '--source', 'jobs', '--json');
    const { traces } = JSON.parse(byEvent.output) as {
      readonly traces: readonly {
        readonly fates: readonly { readonly run: { readonly flowRunId: string } }[];
      }[];
    };
    const flowRunId = traces[0]?.fates[0]?.run.flowRunId ?? '';
    expect(byKey.output).toContain(flowRunId);
    const byRun = await trace('--run', flowRunId, '--logs');
    expect(byRun).toMatchObject({ exitCode: 0 });
    expect(byRun.output).toContain('of the route collect-orders, with 1 event');
    expect(byRun.output).toContain('of jobs: created on collect-orders');
  });

  it('finds an event that was dead-lettered before it was claimed, by its id and in the logs', async () => {
    const response = await post(
      JSON.stringify({
        specversion: '1.0',
        id: `${id}-dead`,
        source: 'e2e',
        type: 'order.collected',
        data: {},
      }),
      'application/cloudevents+json',
    );
    expect(response.status).toBe(202);
    await eventually(async () => {
      const { exitCode, output } = await trace(`${id}-dead`, '--source', 'hook');
      return (
        exitCode === 0 && output.includes('dead-lettered on collect-orders (expression-failed: dedupe.key')
      );
    });
  });

  it('ends with 1 for an event that it does not know, and with 2 for a stack that does not exist', async () => {
    const unknown = await trace('--key', 'never sent', '--route', 'collect-orders');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.output).toContain('is not known here');
    const nowhere = await trace('--key', 'x', '--stack', 'Nowhere');
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.errorOutput).toContain('Cannot trace in stack Nowhere: ');
  });
});
