/** A deployed stack is reconciled by the command, as an operator does it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { awsEndpointAt, awsEnvironment } from '../../scripts/stack/aws-endpoint.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';
import { parseReconcileResponse } from '../../lib/reconcile/invocation-protocol.ts';
import type { ReconcileReport } from '../../lib/reconcile/findings.ts';
import { collectedIds, eventually, sendMessages } from '../support/parts/e2e-sluice.ts';

const { stackName } = inject('e2eDeployment');

function reconcile(
  ...args: readonly string[]
): Promise<{ exitCode: unknown; output: string; errorOutput: string }> {
  const command = [join(projectFolder, 'cli/sluice.ts'), 'reconcile', ...args];
  const env = { ...process.env, ...awsEnvironment(awsEndpointAt(inject('awsEndpointUrl'))) };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, output, errorOutput) => {
      resolve({ exitCode: error === null ? 0 : error.code, output, errorOutput });
    });
  });
}

async function reportOf(...args: readonly string[]): Promise<ReconcileReport> {
  const { output, errorOutput } = await reconcile('--stack', stackName, '--json', ...args);
  const report =
    output === '' ? null : parseReconcileResponse({ sluiceReconcile: 1, ...(JSON.parse(output) as object) });
  if (report === null) throw new Error(`no report: ${output}${errorOutput}`);
  return report;
}

describe('sluice reconcile', () => {
  it('finds every event of a flow run settled, and changes nothing in a dry run', async () => {
    const prefix = `reconcile-${randomUUID()}`;
    const ids = ['a', 'b', 'c'].map((name) => `${prefix}-${name}`);
    await sendMessages(
      'jobs',
      ids.map((id) => ({ body: JSON.stringify({ id }) })),
    );
    await eventually(async () => (await collectedIds(prefix)).length === ids.length);
    const dry = await reportOf('--dry-run');
    expect(dry).toMatchObject({ dryRun: true, nextKey: null });
    expect(dry.claims?.settled).toBeGreaterThanOrEqual(ids.length);
    expect(dry.claims?.recordsWritten).toBe(0);
    expect(dry.claims?.runsFound).toBeGreaterThan(0);
    expect(await collectedIds(prefix)).toEqual(ids);
  });

  it('looks at windows only with --windows', async () => {
    expect(await reportOf('--windows')).toMatchObject({
      dryRun: false,
      claims: null,
      windows: { isComplete: true },
    });
  });

  it('exits with 2 and the name of a stack that does not exist', async () => {
    const { exitCode, errorOutput } = await reconcile('--stack', 'Nowhere');
    expect(exitCode).toBe(2);
    expect(errorOutput).toContain('Cannot reconcile stack Nowhere: ');
  });
});
