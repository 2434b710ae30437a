import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/redrive.md', 'utf8');

describe('docs/redrive.md', () => {
  it('explains every option that the command has, and no other', () => {
    const help = execFileSync(process.execPath, ['cli/sluice.ts', 'redrive', '--help'], { encoding: 'utf8' });
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name);
    const explained = [...page.matchAll(/--[a-z][a-z-]+/g)].map(([name]) => name);
    expect(options).toContain('--per-minute');
    for (const option of options.filter((name) => name !== '--help' && name !== '--dry-run')) {
      expect(explained).toContain(option);
    }
    expect(options).toEqual(expect.arrayContaining([...new Set(explained)]));
  });
});
