import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runLabels } from '../../lib/prefect/run-label.ts';
import type { FlushReason } from '../../lib/windows/window.ts';
import { compiledRoute, problemsOfRoute } from '../support/builders/route-configuration.ts';

const TEXT = readFileSync(new URL('../../docs/windows.md', import.meta.url), 'utf8');
const EXAMPLES = [...TEXT.matchAll(/^coalesce: (.+)$/gm)].map(([, coalesce = '']) => coalesce);

const REASONS = {
  'count': true,
  'bytes': true,
  'time': true,
  'quiet': true,
  'bypass': true,
  'route-changed': true,
} satisfies Record<FlushReason, true>;

describe('docs/windows.md', () => {
  it.each(EXAMPLES)('has an example that is sound: %s', (coalesce) => {
    expect(problemsOfRoute({ coalesce })).toEqual([]);
  });

  it('has an example of every mode that it draws', () => {
    const modes = EXAMPLES.map((coalesce) => compiledRoute({ coalesce }).coalesce.mode);
    expect(new Set(modes)).toEqual(new Set(['window', 'invocation', 'clock', 'debounce', 'sliding']));
  });

  it('explains every reason to close a window, and no other', () => {
    const section = TEXT.slice(TEXT.indexOf('| reason |'), TEXT.indexOf('Windows of one key are numbered'));
    const explained = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason);
    expect(explained).toEqual(Object.keys(REASONS));
  });

  it('names the labels that the run of a window has', () => {
    const labels = runLabels({
      batchId: 'd.w',
      members: [],
      route: 'work',
      configHash: '0',
      flushReason: 'time',
      deadCode: null,
      traceparent: null,
      window: { key: 'eu', startEpochMs: 0, endEpochMs: 1 },
    });
    const ofWindows = Object.keys(labels).filter((label) => label.startsWith('sluice.window.'));
    expect(ofWindows).not.toEqual([]);
    for (const label of [...ofWindows, 'sluice.reason', 'sluice.count']) {
      expect(labels).toHaveProperty([label]);
      expect(TEXT).toContain(`\`${label}\``);
    }
  });
});
