/** No clock can lose or double an event: workers whose clocks are wrong make others wait at most. */
import { describe, expect, it } from 'vitest';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const WINDOWS: readonly CompiledWindowing[] = [
  { ...CAPS, mode: 'window', maxWaitSeconds: 60, bypassWhen: null },
  { ...CAPS, mode: 'debounce', quietSeconds: 30, maxWaitSeconds: 60, bypassWhen: null },
  { ...CAPS, mode: 'sliding', sizeSeconds: 120, everySeconds: 60 },
];
const HOUR_MS = 3_600_000;

describe.each(WINDOWS)('events of a route in mode $mode', (coalesce) => {
  const runsOfEach = coalesce.mode === 'sliding' ? 2 : 1;

  it.each([
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ])('are in their runs when the clock of one worker is an hour %s', async (_, skewMs) => {
    const parts = new PipelineParts(
      sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: 2 * 86_400 }, coalesce }),
    );
    const startEpochMs = parts.nowEpochMs;
    await parts.run([sqsRecord('m1', '{"id":"before"}')]);
    parts.nowEpochMs = startEpochMs + skewMs;
    await parts.run([sqsRecord('m2', '{"id":"skewed"}')]);
    parts.nowEpochMs = startEpochMs + 1_000;
    await parts.run([sqsRecord('m3', '{"id":"after"}')]);
    for (let minute = 1; minute <= 70; minute++) {
      parts.nowEpochMs = startEpochMs + minute * 60_000;
      await parts.flushDue();
    }
    const ids = (parts.orders.flat() as { readonly id: string }[]).map(({ id }) => id);
    const counts = Object.fromEntries(
      Object.entries(Object.groupBy(ids, (id) => id)).map(([id, all = []]) => [id, all.length]),
    );
    expect(counts).toEqual({ before: runsOfEach, skewed: runsOfEach, after: runsOfEach });
  });
});
