/** The templates of the sample and of configurations that use what AWS has, as two linters of CloudFormation see them. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { makeApp } from '../support/parts/synthesized-stack.ts';

const projectFolder = join(import.meta.dirname, '../..');
const fixtures = join(projectFolder, 'test/fixtures/aws-configs');
const linters = join(projectFolder, '.local/lint-venv/bin');
const execute = promisify(execFile);

/** By the interpreter, since the first line of a script names the folder that the checkout once was in. */
function run(program: 'cfn-lint' | 'checkov', args: readonly string[]): Promise<{ readonly stdout: string }> {
  return execute(join(linters, 'python'), [join(linters, program), ...args], { maxBuffer: 100_000_000 });
}

const hasLinters = existsSync(linters);
if (!hasLinters) {
  console.warn(
    `\nWARNING: cfn-lint and checkov are not installed in ${linters}: no template is linted. Run: node scripts/bootstrap.mjs\n`,
  );
}

/** What cfn-lint reports and is meant to be so. */
const CFN_LINT_EXCUSES = {
  W3005: 'CDK writes a dependency down that a reference implies; it changes nothing.',
};

/** What checkov reports and is meant to be so. */
const CHECKOV_EXCUSES = {
  CKV_AWS_18: 'S3 access logs need a bucket of their own, which the stack that holds the construct can add.',
  CKV_AWS_21: 'The key of an object names its content: another version of it would be the same.',
  CKV_AWS_26:
    'CloudWatch cannot publish to a topic under the key of AWS for SNS; a notification of an alarm holds no event data.',
  CKV_AWS_28: 'The configuration says pointInTimeRecovery: false.',
  CKV_AWS_27: 'Queues are encrypted by SQS itself (SSE-SQS); checkov knows customer managed keys only.',
  CKV_AWS_111: 'Lambda authorizes the actions on network interfaces against * only.',
  CKV_AWS_115:
    'Reserved concurrency throttles the pollers of a queue and uses receives up; maxConcurrency limits it.',
  CKV_AWS_116: 'No function is invoked asynchronously except by a schedule, which comes again.',
  CKV_AWS_117: 'Functions are in a VPC where the user says so: vpcId.',
  CKV_AWS_119:
    'The table is encrypted with the key of DynamoDB; a customer managed key is the choice of the user.',
  CKV_AWS_158: 'Log groups are encrypted by CloudWatch Logs; they hold no data of events.',
  CKV_AWS_173: 'The environment holds names and URLs, and no secret.',
};

interface CheckovReport {
  readonly results: {
    readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[];
  };
}

describe.skipIf(!hasLinters)('the templates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lint-'));

  beforeAll(() => {
    const files = readdirSync(fixtures).map((file) => join(fixtures, file));
    for (const file of [join(projectFolder, 'sluice.yaml'), ...files]) synthesizeInto(folder, file);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('have nothing that cfn-lint reports, except for what is excused with a reason', async () => {
    const excused = Object.keys(CFN_LINT_EXCUSES).flatMap((rule) => ['--ignore-checks', rule]);
    const templates = readdirSync(folder).map((file) => join(folder, file));
    const { stdout } = await run('cfn-lint', [
      ...['--regions', 'eu-central-1', '--format', 'parseable'],
      ...excused,
      '--',
      ...templates,
    ]);
    expect(stdout).toBe('');
  }, 900_000);

  it('have nothing that checkov reports, except for what is excused with a reason', async () => {
    const { stdout } = await run('checkov', [
      ...['--directory', folder, '--framework', 'cloudformation', '--output', 'json'],
      ...['--compact', '--quiet', '--soft-fail', '--skip-download'],
      ...['--skip-check', Object.keys(CHECKOV_EXCUSES).join(',')],
    ]);
    const report = JSON.parse(stdout) as CheckovReport | { readonly failed: number };
    // Without any failed check the report has another form: a summary.
    const failed = 'results' in report ? report.results.failed_checks : [];
    expect(failed.map(({ check_id: id, resource }) => `${id} ${resource}`)).toEqual([]);
  });
});

function synthesizeInto(folder: string, file: string): void {
  const loaded = loadConfigText(readFileSync(file, 'utf8'), file);
  if (!loaded.ok) throw new Error(reportProblems(loaded.errors));
  const app = makeApp();
  new SluiceStack(app, 'Sluice', { sluice: { config: loaded.config }, alarmEmail: 'you@example.com' });
  const { directory } = app.synth();
  // Nested stacks have templates of their own.
  for (const template of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
    copyFileSync(join(directory, template), join(folder, `${basename(file, '.yaml')}-${template}`));
  }
}
