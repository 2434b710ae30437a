import { describe, expect, it } from 'vitest';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const DAY_MS = 86_400_000;
const DEDUPE = { key: 'event.data.id', retentionSeconds: 15 * 86_400 };
const WINDOW = {
  mode: 'window',
  key: null,
  maxEvents: 10,
  maxBytes: 400_000,
  maxWaitSeconds: 60,
  bypassWhen: null,
} as const;

function makeParts(coalesce?: typeof WINDOW): PipelineParts {
  return new PipelineParts(sqsConfig({ dedupe: DEDUPE, ...(coalesce && { coalesce }) }));
}

async function deliver(parts: PipelineParts, deliveryCount = 1): Promise<readonly object[]> {
  const outcomes = await parts.run([sqsRecord('m1', '{"id":"a"}', deliveryCount)]);
  return outcomes.map(({ outcome }) => outcome);
}

/** The table takes no records until the returned function is called. */
function refuseRecords(parts: PipelineParts): () => void {
  const { records } = parts;
  const write = records.writeRecords.bind(records);
  records.writeRecords = (unwritten) => Promise.resolve(new Set(unwritten.map(({ batchId }) => batchId)));
  return () => {
    records.writeRecords = write;
  };
}

describe('a flow run whose record could not be written', () => {
  it('gets its record before its events are acknowledged, so that no retention of Prefect can double them', async () => {
    const parts = makeParts();
    const accept = refuseRecords(parts);
    expect(await deliver(parts)).toMatchObject([{ kind: 'retry', code: 'record-not-written' }]);
    accept();
    parts.letLeasesEnd();
    expect(await deliver(parts, 2)).toMatchObject([{ kind: 'created' }]);
    expect(parts.records.records.size).toBe(1);
    expect(parts.prefect.flowRuns).toHaveLength(1);

    // Prefect Cloud deletes flow runs after a week; the claim lives for two.
    parts.nowEpochMs += 8 * DAY_MS;
    for (const { flowRunId } of [...parts.prefect.flowRuns]) parts.prefect.deleteFlowRun(flowRunId);
    parts.nowEpochMs += DAY_MS;
    expect(await deliver(parts)).toMatchObject([{ kind: 'duplicate' }]);
    expect(parts.prefect.flowRuns).toHaveLength(0);
  });

  it('is recorded before a poison event is dead-lettered, once', async () => {
    const parts = makeParts();
    const accept = refuseRecords(parts);
    parts.prefect.refuseWhen(({ dead }) => (dead === null ? { status: 422, detail: 'no' } : null));
    expect(await deliver(parts)).toMatchObject([{ kind: 'retry', code: 'record-not-written' }]);
    expect(parts.deadLetters.messages).toEqual([]);
    accept();
    parts.letLeasesEnd();
    expect(await deliver(parts, 2)).toMatchObject([{ kind: 'dead-lettered' }]);
    expect(parts.deadLetters.messages).toHaveLength(1);
  });

  it('keeps its window from being closed until the record is written', async () => {
    const parts = makeParts(WINDOW);
    expect(await deliver(parts)).toMatchObject([{ kind: 'held' }]);
    const accept = refuseRecords(parts);
    parts.nowEpochMs += 70_000;
    expect((await parts.flushDue()).map(({ result }) => result.kind)).toEqual(['retry']);
    accept();
    parts.letLeasesEnd();
    expect((await parts.flushDue()).map(({ result }) => result.kind)).toEqual(['flushed']);
    expect(parts.orders).toEqual([[{ id: 'a' }]]);
    expect(parts.records.records.size).toBe(1);
  });
});
