/** The programs behind the npm scripts print help, and a line for a wrong option, instead of a stack trace. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const projectFolder = join(import.meta.dirname, '../..');

describe.each([
  'scripts/demo.ts',
  'scripts/fuzz.ts',
  'bench/run.ts',
  'test/crash/run.ts',
  'test/soak/run.ts',
  'test/chaos/run.ts',
])('%s', (program) => {
  function run(option: string) {
    return spawnSync(process.execPath, [program, option], { cwd: projectFolder, encoding: 'utf8' });
  }

  it('prints its usage for --help', () => {
    const { status, stdout } = run('--help');
    expect(stdout).toMatch(/^Usage: npm run \w+ -- \[options\]\n/);
    expect(status).toBe(0);
  });

  it('names an unknown option in one line', () => {
    const { status, stdout, stderr } = run('--no-such-option');
    expect(stderr).toBe("error: unknown option '--no-such-option'\n");
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
