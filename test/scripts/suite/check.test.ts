import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCheck } from '../../../scripts/suite/check.ts';
import { oneFailed, onePassed } from '../../../scripts/suite/tally.ts';

const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);

afterEach(() => {
  log.mockClear();
});

describe('runCheck', () => {
  it('says in one line that a check has passed', async () => {
    const command = ['node', '-e', 'console.log("much to say")'] as const;
    expect(await runCheck({ title: 'spelling', command: [...command], mend: 'spell' })).toEqual(onePassed);
    expect(log.mock.calls).toEqual([['✓ spelling']]);
  });

  it('shows what a failed check has said, and how to mend it', async () => {
    const command = ['node', '-e', 'console.error("line 3: teh"); process.exit(1)'] as const;
    expect(await runCheck({ title: 'spelling', command: [...command], mend: 'npx spell' })).toEqual(
      oneFailed,
    );
    expect(log.mock.calls).toEqual([['✗ spelling\nline 3: teh\n  To mend it: npx spell']]);
  });

  it('fails when its program is not installed', async () => {
    expect(await runCheck({ title: 'spelling', command: ['no-such-program'], mend: '' })).toEqual(oneFailed);
    expect(String(log.mock.calls[0])).toContain('spawn no-such-program ENOENT');
  });
});
