/** Redrives dead letters by the command, as an operator does. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { awsEndpointAt, awsEnvironment } from '../../scripts/stack/aws-endpoint.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';
import {
  eventually,
  peekDeadLetters,
  post,
  prefect,
  sendDeadLetter,
  sendMessages,
} from '../support/parts/e2e-sluice.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';

// Each queue that a redrive looks into is seconds of waiting; where no source is named it is all of them.
const REPAIR_ORDERS = ['--source', 'jobs', '--route', 'repair-orders', '--yes', '--per-minute', '600'];
const REPAIR_WINDOWS = ['--source', 'hook', '--route', 'repair-windows', '--yes', '--per-minute', '600'];

const { stackName } = inject('e2eDeployment');

/** Of parameters whose orders have to have this field. */
function schemaRequiring(field: string): Readonly<Record<string, unknown>> {
  const orders = { type: 'array', items: { type: 'object', required: [field] } };
  return { type: 'object', properties: { orders }, required: ['orders'] };
}

function deployFlow(field: string): Promise<string> {
  const parameterSchema = schemaRequiring(field);
  return prefect.createDeployment({ flow: 'repair-orders', deployment: 'e2e', parameterSchema });
}

function redrive(...args: readonly string[]): Promise<{ exitCode: unknown; output: string }> {
  const command = [join(projectFolder, 'cli/sluice.ts'), 'redrive', '--stack', stackName, ...args];
  const env = { ...process.env, ...awsEnvironment(awsEndpointAt(inject('awsEndpointUrl'))) };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, output, errorOutput) => {
      resolve({ exitCode: error === null ? 0 : error.code, output: output + errorOutput });
    });
  });
}

function cloudEvent(id: string): string {
  return `{"specversion":"1.0","id":"${id}","source":"e2e","type":"order.repaired","data":{"id":"${id}"}}`;
}

describe('sluice redrive', () => {
  const [atOnce, waited] = [randomUUID(), randomUUID()];
  let deploymentId = '';

  beforeAll(async () => {
    deploymentId = await deployFlow('total');
    await sendMessages('jobs', [{ body: cloudEvent(atOnce) }]);
    expect((await post(cloudEvent(waited), 'application/cloudevents+json')).status).toBe(202);
  });

  async function runsWith(id: string): Promise<number> {
    return (await eventIdsInRuns(prefect, deploymentId)).filter((each) => each === id).length;
  }

  async function isPlanned(source: string, route: string): Promise<boolean> {
    const { output } = await redrive('--source', source, '--route', route);
    return output.includes(`1 would be sent (${route})`);
  }

  it('creates one flow run of an event after the schema of its flow is fixed, however often it is redriven', async () => {
    let letter = '';
    await eventually(async () => {
      letter = (await peekDeadLetters('jobs')).find((text) => text.includes(atOnce)) ?? '';
      return letter !== '';
    });
    expect(await isPlanned('jobs', 'repair-orders')).toBe(true);
    expect(await runsWith(atOnce)).toBe(0);
    const refused = await redrive(...REPAIR_ORDERS);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.output).toContain('1 were dead-lettered again');

    await deployFlow('id');
    const repaired = await redrive(...REPAIR_ORDERS);
    expect(repaired.output).toContain('1 are in a flow run now (repair-orders)');
    expect(repaired.exitCode).toBe(0);
    expect((await redrive('--route', 'repair-orders', '--yes')).output).toContain('No dead letter');

    // A queue delivers at least once, and so dead letters may be there twice.
    await sendDeadLetter('jobs', letter);
    const again = await redrive(...REPAIR_ORDERS);
    expect(again.output).toContain('1 were in a flow run or a window already');
    expect(await runsWith(atOnce)).toBe(1);
  });

  it('creates one flow run of an event that was dead-lettered after it had waited in a window', async () => {
    await eventually(() => isPlanned('hook', 'repair-windows'));
    expect(await runsWith(waited)).toBe(0);
    await deployFlow('id');
    const repaired = await redrive(...REPAIR_WINDOWS);
    expect(repaired.output).toContain('1 wait in a window now (repair-windows)');
    await eventually(async () => (await runsWith(waited)) > 0);
    expect(await runsWith(waited)).toBe(1);
    expect((await redrive('--route', 'repair-windows')).output).toContain('No dead letter');
  });
});
