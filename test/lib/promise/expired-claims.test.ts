/** After `dedupe.retention` an event is a new event, whether or not TTL has deleted its claim. */
import { describe, expect, it } from 'vitest';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const MODES: readonly CompiledCoalescing[] = [
  { mode: 'none' },
  { mode: 'invocation', ...CAPS },
  { mode: 'window', ...CAPS, maxWaitSeconds: 10, bypassWhen: null },
];
const HOUR_MS = 3_600_000;

/** Delete what TTL may delete by now; it may also leave any of it. */
function deleteExpired(parts: PipelineParts, what: 'nothing' | 'claims' | 'everything'): void {
  const nowEpochSeconds = parts.nowEpochMs / 1_000;
  if (what === 'nothing') return;
  parts.claims.deleteExpired(nowEpochSeconds);
  if (what === 'claims') return;
  parts.windows.deleteExpired(nowEpochSeconds);
  for (const [batchId, { expiresAtEpochSeconds }] of parts.records.records) {
    if (expiresAtEpochSeconds < nowEpochSeconds) parts.records.records.delete(batchId);
  }
}

describe.each(MODES)('a key that recurs after its retention, mode $mode', (coalesce) => {
  it.each(['nothing', 'claims', 'everything'] as const)(
    'is a new event with a flow run of its own each time, after TTL deleted %s',
    async (deleted) => {
      const dedupe = { key: 'event.data.id', retentionSeconds: HOUR_MS / 1_000 };
      const parts = new PipelineParts(sqsConfig({ coalesce, dedupe }));
      const expected: { id: string; n: number }[] = [];
      for (let n = 1; n <= 4; n++) {
        await parts.run([sqsRecord(`m${n}`, `{"id":"a","n":${n}}`)]);
        expected.push({ id: 'a', n });
        parts.nowEpochMs += 11_000;
        await parts.flushDue();
        expect(parts.orders.flat()).toEqual(expected);
        // A duplicate within the retention stays one.
        await parts.run([sqsRecord(`m${n}-again`, `{"id":"a","n":${n}}`)]);
        parts.nowEpochMs += 11_000;
        await parts.flushDue();
        expect(parts.orders.flat()).toEqual(expected);
        parts.nowEpochMs += 2 * HOUR_MS;
        deleteExpired(parts, deleted);
      }
    },
  );
});
