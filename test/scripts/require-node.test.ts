/** What users see who start something under a Node that does not run TypeScript as this project writes it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };

const projectFolder = join(import.meta.dirname, '../..');

function runUnder(version: string, ...args: readonly string[]) {
  const versions = `{ ...process.versions, node: '${version}' }`;
  const pretend = `Object.defineProperty(process, 'versions', { value: ${versions} });`;
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, ...args],
    { cwd: projectFolder, encoding: 'utf8' },
  );
}

const programs = {
  'npx sluice': [packageJson.bin.sluice, 'validate'],
  'npx cdk deploy': cdk.app.replace('node ', '').split(' '),
  'npm run generate': ['bin/run.mjs', 'scripts/generate-schema.ts'],
};

describe.each(Object.entries(programs))('%s', (_name, args) => {
  it.each(['18.20.8', '20.20.2', '22.22.0', '24.11.1'])(
    'says in one line that Node %s is too old, without a stack trace',
    (version) => {
      const { status, stdout, stderr } = runUnder(version, ...args);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^Sluice needs Node 24\.12 or newer; this is .*\n$/);
    },
  );
});

describe('the launcher of programs', () => {
  it.each(['24.12.0', '25.0.0', '26.3.1'])('runs the command under Node %s', (version) => {
    const { status, stdout } = runUnder(version, packageJson.bin.sluice, 'validate', '--help');
    expect(stdout).toContain('Usage: sluice validate');
    expect(status).toBe(0);
  });

  it('hands the arguments on to the program that it runs', () => {
    const { stdout } = spawnSync(process.execPath, ['bin/run.mjs', 'cli/sluice.ts', 'openapi', '--help'], {
      cwd: projectFolder,
      encoding: 'utf8',
    });
    expect(stdout).toContain('Usage: sluice openapi');
  });
});

describe('the oldest Node that is supported', () => {
  it('is the same in package.json and in the script that installs Node', () => {
    const bootstrap = readFileSync(join(projectFolder, 'scripts/bootstrap.mjs'), 'utf8');
    const [, major, minor] = /OLDEST_NODE = \[(\d+), (\d+)\]/.exec(bootstrap) ?? [];
    expect(packageJson.engines.node).toBe(`>=${major ?? ''}.${minor ?? ''}`);
  });
});
