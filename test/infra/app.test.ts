import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { copyProject, readOutput, runApp, type AppRun } from '../support/parts/app-run.ts';

const yaml = `
prefect:
  apiUrl: http://127.0.0.1:4200/api
  auth: none
sources:
  orders-hook: { type: http, path: /orders, verify: none }
  jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:000000000000:jobs" }
routes:
  process-orders:
    from: [orders-hook, jobs]
    run: { deployment: process-orders/prod, parameters: { orders: "events.map(e, e.data)" } }
`;

const brokenYaml = yaml.replace('path: /orders', 'pth: /orders').replace('hook, jobs]', 'hook, job]');

describe('a synthesis that goes well', () => {
  let here: AppRun;
  let elsewhere: AppRun;
  beforeAll(async () => {
    here = await runApp({ yaml, bundle: true });
    elsewhere = await runApp({ yaml, bundle: true, projectFolder: copyProject() });
  });

  it('needs neither credentials nor a region', () => {
    expect(here.exitCode, here.stderr).toBe(0);
  });

  it('gives the same template and the same assets in two directories', () => {
    expect(elsewhere.exitCode, elsewhere.stderr).toBe(0);
    expect(readOutput(elsewhere, 'Sluice.template.json')).toBe(readOutput(here, 'Sluice.template.json'));
    expect(assetsOf(elsewhere)).toEqual(assetsOf(here));
    expect(assetsOf(here)).toHaveLength(3);
  });

  it('leaves no path of the machine in the template or the bundles', () => {
    const folders = assetsOf(here).flatMap((asset) => [`${asset}/handler.js`, `${asset}/sluice.config.json`]);
    for (const file of ['Sluice.template.json', ...folders]) {
      const text = readOutput(here, file);
      expect(text.includes(process.cwd()), file).toBe(false);
      expect(text.includes(here.outputFolder), file).toBe(false);
    }
  });

  it('puts the compiled configuration beside each handler', () => {
    const loaded = loadConfigText(yaml, 'sluice.yaml');
    const config = loaded.ok ? loaded.config : null;
    expect(config).not.toBeNull();
    expect(assetsOf(here)).toHaveLength(3);
    for (const asset of assetsOf(here)) {
      expect(JSON.parse(readOutput(here, `${asset}/sluice.config.json`))).toEqual(config);
    }
  });
});

describe('a synthesis with problems that the user has to fix', () => {
  it('reports all problems of the configuration as sluice validate does, and makes nothing', async () => {
    const loaded = loadConfigText(brokenYaml, 'sluice.yaml');
    const problems = loaded.ok ? [] : allProblems(loaded);
    expect(problems.length).toBeGreaterThan(1);
    const run = await runApp({ yaml: brokenYaml });
    expect(run).toMatchObject({ exitCode: 1, stderr: `${reportProblems(problems)}\n` });
    expect(readdirSync(run.outputFolder)).toEqual([]);
  });

  it('checks a value from the command line like one from the file', async () => {
    const run = await runApp({ yaml, context: { prefectApiUrl: 'prefect.internal' } });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('invalid-url prefect.apiUrl');
    expect(run.stderr).not.toContain('    at ');
  });

  it('says how to name a configuration that is not there', async () => {
    const run = await runApp({ yaml, context: { config: 'orders.yaml', stackName: 'Orders' } });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toMatch(
      /^Cannot read orders\.yaml: the file does not exist.* name the configuration with -c config=<file>\n$/,
    );
  });

  it('requires a name for the stack of another configuration, which would replace the sources of the default stack', async () => {
    const run = await runApp({ yaml, context: { config: 'dev.yaml' } });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toMatch(/^context stackName: missing beside config=dev\.yaml — .*-c stackName=<name>/);
    expect(readdirSync(run.outputFolder)).toEqual([]);
  });

  it('reports a misspelt option, which would have no effect, and suggests the right one', async () => {
    const run = await runApp({ yaml, context: { alarmTopicARN: 'arn:x', owner: 'me' } });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('context alarmTopicARN: unknown — did you mean alarmTopicArn?');
    expect(run.stderr).toContain('context owner: unknown — options: config, stackName');
  });

  it('reports all mistakes on the command line', async () => {
    const run = await runApp({ yaml, context: { removalPolicy: 'keep', alarms: 'perhaps' } });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr.split('\n')).toEqual([
      'context removalPolicy: expected retain or destroy, found "keep"',
      'context alarms: expected true or false, found "perhaps"',
      '',
    ]);
  });
});

describe('a synthesis for a real account', () => {
  it('refuses the sample, whose server and queue exist on a local emulator only', async () => {
    const env = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'us-east-1' };
    const run = await runApp({ yaml, env });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('This configuration cannot work in account 123456789012:');
    expect(run.stderr).toContain('prefect.apiUrl: found 127.0.0.1');
    expect(run.stderr).toContain('sources.jobs.queueArn: found the account 000000000000');
    expect(readdirSync(run.outputFolder)).toEqual([]);
  });

  it('accepts the sample for an emulator, whose account no one has', async () => {
    const env = { CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'us-east-1' };
    expect(await runApp({ yaml, env })).toMatchObject({ exitCode: 0 });
  });

  it('refuses a queue of another account or region', async () => {
    const text = yaml
      .replace('http://127.0.0.1:4200', 'https://prefect.example.com')
      .replace('000000000000', '210987654321');
    const env = { CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'us-east-1' };
    const run = await runApp({ yaml: text, env });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('is not in account 123456789012 and region us-east-1');
  });
});

function assetsOf(run: AppRun): readonly string[] {
  return readdirSync(join(run.outputFolder)).filter((name) => name.startsWith('asset.'));
}
