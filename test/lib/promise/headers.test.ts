/** What a sender says beside the body stays with the event, wherever it waits and however often it fails. */
import { describe, expect, it } from 'vitest';
import { parseDeadLetter } from '../../../lib/dead-letters/parse-dead-letter.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { SAMPLE_WINDOW, makeRoute } from '../../support/builders/compiled-config.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const run = makeRoute().run;

function partsWith(expression: string, when: string | null) {
  return new PipelineParts(
    sqsConfig({
      when,
      coalesce: SAMPLE_WINDOW,
      run: { ...run, parameters: { orders: { expression, as: 'json' } } },
    }),
  );
}

function tenantRecord(): ReceivedRecord {
  return {
    ...sqsRecord('m1', '{"n":1}'),
    headerList: [
      { name: 'Tenant', value: 'blue' },
      { name: 'digest', value: Uint8Array.from([0xff]) },
    ],
  };
}

describe('headers of an event that waits in a window', () => {
  it('reach the flow, survive its dead letter, and are there for the filter of a redrive', async () => {
    const parts = partsWith(
      'events.map(e, {"t": e.headers["Tenant"], "d": e.headers_base64.digest})',
      'event.headers["Tenant"] == "blue"',
    );
    const accept = parts.prefect.refuseWhen(({ dead }) =>
      dead === null ? { status: 409, detail: 'no' } : null,
    );
    await parts.run([tenantRecord()]);
    parts.nowEpochMs += 11_000;
    await parts.flushDue();
    expect(parts.deadLetters.messages).toHaveLength(1);

    accept();
    const redriven = parseDeadLetter(JSON.parse(parts.deadLetters.messages[0] ?? ''));
    if (redriven.kind === 'rejected') throw new Error(redriven.detail);
    parts.letLeasesEnd();
    await parts.run([redriven.record]);
    parts.nowEpochMs += 11_000;
    await parts.flushDue();
    expect(parts.orders).toEqual([[{ t: 'blue', d: '/w==' }]]);
  });

  it('are not stored for a route that reads none', async () => {
    const parts = partsWith('events.map(e, e.data)', null);
    await parts.run([tenantRecord()]);
    const stored = [...parts.records.chunks.values()].flatMap(({ chunk }) => chunk?.events ?? []);
    expect(stored.map(({ event }) => event.headers)).toEqual([undefined]);
  });
});
