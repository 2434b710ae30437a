import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCheck } from '../../../scripts/suite/check.ts';
import { oneFailed, onePassed } from '../../../scripts/suite/tally.ts';

const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);

afterEach(() => {
  log.mockClear();
});

describe('runCheck', () => {
  it('prints one line for a check that passed', async () => {
    const command = ['node', '-e', 'console.log("much to say")'] as const;
    expect(await runCheck({ title: 'spelling', command: [...command], fix: 'spell' })).toEqual(onePassed);
    expect(log.mock.calls).toEqual([['✓ spelling']]);
  });

  it('prints the output of a failed check, and the fix', async () => {
    const command = ['node', '-e', 'console.error("line 3: teh"); process.exit(1)'] as const;
    expect(await runCheck({ title: 'spelling', command: [...command], fix: 'npx spell' })).toEqual(oneFailed);
    expect(log.mock.calls).toEqual([['✗ spelling\nline 3: teh\n  Fix: npx spell']]);
  });

  it('fails if its program is not installed', async () => {
    expect(await runCheck({ title: 'spelling', command: ['no-such-program'], fix: '' })).toEqual(oneFailed);
    expect(String(log.mock.calls[0])).toContain('spawn no-such-program ENOENT');
  });
});
