import { describe, expect, it } from 'vitest';
import type { EffectResult, Program } from '../../../lib/protocol/effects.ts';
import { memberOf } from '../../../lib/routing/member.ts';
import { findDeadMembers, type Redrivable } from '../../../lib/protocol/dead-members.ts';
import { SettlementLedger } from '../../../lib/protocol/settlement.ts';
import type { FlowRunRecord, FindFlowRunResult, RecordedBatch } from '../../../lib/ports.ts';
import { partBatchId } from '../../../lib/batching/batch-id.ts';
import { windowIdOf, windowSeriesOf } from '../../../lib/windows/window.ts';

const member = memberOf('process-orders', ['sqs', 'queue', 'm1']);
const chunkId = 'D1.w.chunk';
const windowId = windowIdOf({ series: windowSeriesOf('process-orders', 'window', 'acme'), sequence: 7 });
const part = partBatchId('D1', 'table', windowId, 2);
const claimed = {
  member,
  claim: {
    claimKey: member.claimKey,
    batchId: chunkId,
    leaseUntilEpochSeconds: 0,
    expiresAtEpochSeconds: 1_000,
  },
};
const chunk: RecordedBatch = {
  kind: 'chunk',
  batchId: chunkId,
  windowId,
  members: [member.memberId],
  isClosed: true,
};

function runRecord(batchId: string, changes: Partial<FlowRunRecord> = {}): FlowRunRecord {
  return {
    kind: 'flow-run',
    batchId,
    flowRunId: 'run',
    members: [member.memberId],
    deadCode: 'refused',
    ...changes,
  };
}

interface Known {
  readonly records?: readonly FlowRunRecord[];
  readonly found?: FindFlowRunResult;
}

/** The answers of a table with these records, and of a Prefect that finds this. */
function settle(asking: Program<Redrivable>, { records = [], found = { kind: 'none' } }: Known): Redrivable {
  let step = asking.next();
  while (step.done !== true) {
    const effect = step.value;
    const result: EffectResult =
      effect.kind === 'read-records'
        ? { kind: 'read-records', records: new Map(records.map((each) => [each.batchId, each])) }
        : { kind: 'find-run', result: found };
    step = asking.next(result);
  }
  return step.value;
}

function deathOf(letters: readonly string[], known: Known) {
  const ledger = new SettlementLedger();
  const deadBatches = new Map([[member.claimKey, letters]]);
  const records = new Map([[chunkId, chunk]]);
  const { dead, rest } = settle(
    findDeadMembers([claimed], records, { installation: 'table', deadBatches }, ledger),
    known,
  );
  const left = ledger.settlements.get(member.claimKey)?.kind;
  return dead.length === 1 ? 'dead' : rest.length === 1 ? 'not dead' : left;
}

describe('an event whose claim leads to a window', () => {
  it('is dead when a dead letter names a part of that window that is dead and lists it', () => {
    expect(deathOf([part], { records: [runRecord(part)] })).toBe('dead');
  });

  it('is dead when the record of that part is lost, and the run itself says it', () => {
    expect(deathOf([part], { found: { kind: 'run', record: runRecord(part) } })).toBe('dead');
  });

  it.each<[string, readonly string[], Known]>([
    ['no dead letter names a batch', [], {}],
    ['the part is alive', [part], { records: [runRecord(part, { deadCode: null })] }],
    ['another event died there', [part], { records: [runRecord(part, { members: ['other'] })] }],
  ])('is not dead when %s', (_, letters, known) => {
    expect(deathOf(letters, known)).toBe('not dead');
  });

  it('is not dead for a dead letter of an earlier redrive, which names a part of another window', () => {
    const earlier = partBatchId('D1', 'table', windowId.replace('#7', '#6'), 2);
    expect(deathOf([earlier], { records: [runRecord(earlier)] })).toBe('not dead');
  });

  it('is dead when only the second of its dead letters is of this window', () => {
    const earlier = partBatchId('D1', 'table', windowId.replace('#7', '#6'), 0);
    expect(deathOf([earlier, part], { records: [runRecord(earlier), runRecord(part)] })).toBe('dead');
  });

  it.each<[string, FindFlowRunResult]>([
    ['is gone', { kind: 'none' }],
    ['cannot be asked for', { kind: 'unavailable', status: 503, detail: 'down', retryAfterMs: null }],
  ])('is left to another redrive when the run that its dead letter names %s', (_, found) => {
    expect(deathOf([part], { found })).toBe('retry');
  });
});
