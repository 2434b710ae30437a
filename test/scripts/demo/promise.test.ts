import { describe, expect, it } from 'vitest';
import type { Fate } from '../../../scripts/demo/fates.ts';
import type { FlowRun } from '../../../scripts/demo/flow-runs.ts';
import type { OutcomeLine } from '../../../scripts/demo/outcome-log.ts';
import { brokenPromises, summaryOf, type Facts } from '../../../scripts/demo/promise.ts';

function fate(id: string, outcome: Partial<OutcomeLine> | null): Fate {
  const line: OutcomeLine = {
    message: 'event',
    timestamp: '2026-01-31T12:00:00.000Z',
    outcome: 'created',
    source: 'jobs',
    recordId: id,
    eventId: id,
    ...outcome,
  };
  return {
    accepted: { kind: 'accepted', caption: 'an order', source: 'jobs', id },
    outcome: outcome && line,
  };
}

const run: FlowRun = {
  route: 'work',
  name: 'work-1',
  batchId: 'batch-1',
  flowRunId: 'run-1',
  members: ['a', 'b'],
  deadCode: null,
  stateName: 'Completed',
  hasEnded: true,
  eventCount: 2,
};
const deadRun: FlowRun = {
  ...run,
  name: 'work-2',
  batchId: 'batch-2',
  flowRunId: 'run-2',
  members: ['c'],
  deadCode: 'refused-by-prefect',
  stateName: 'DeadLettered',
  eventCount: 0,
};
const inRun = { batchId: 'batch-1', flowRunId: 'run-1' };
const letter = {
  source: 'jobs',
  stage: 'submit',
  code: 'refused-by-prefect',
  detail: 'no order',
  eventId: 'c',
  record: { id: 'c' },
};

const kept: Facts = {
  fates: [
    fate('a', inRun),
    fate('b', inRun),
    fate('a', { ...inRun, outcome: 'duplicate' }),
    fate('c', { outcome: 'dead-lettered', code: 'refused-by-prefect' }),
    fate('d', { outcome: 'filtered', reason: 'no-route-matched' }),
  ],
  claims: [
    { route: 'work', memberId: 'a', batchId: 'batch-1' },
    { route: 'work', memberId: 'b', batchId: 'batch-1' },
    { route: 'work', memberId: 'c', batchId: 'batch-2' },
  ],
  batches: [run, deadRun],
  runs: [run, deadRun],
  letters: [letter],
};

describe('the promise', () => {
  it('is kept when everything that was accepted is where it belongs', () => {
    expect(brokenPromises(kept)).toEqual([]);
    expect(summaryOf(kept)).toBe(
      '5 events accepted: 2 in exactly one flow run, 1 duplicate in none, 1 wanted by no route, ' +
        '1 dead-lettered. 1 flow run is Completed.',
    );
  });

  it.each<[string, Partial<Facts>, string]>([
    ['nothing became of an event', { fates: [fate('a', null)] }, 'nothing became of it'],
    ['an event is only to come again', { fates: [fate('a', { outcome: 'retry' })] }, 'nothing became of it'],
    ['the run is not in Prefect', { runs: [deadRun] }, 'that Prefect does not have'],
    ['the run is a dead run', { fates: [fate('a', { flowRunId: 'run-2' })] }, 'that Prefect does not have'],
    [
      'an event is in two runs',
      { runs: [run, { ...run, flowRunId: 'run-3' }, deadRun] },
      'is in 2 flow runs',
    ],
    [
      'an event is in no run',
      { claims: [...kept.claims, { route: 'other', memberId: 'a', batchId: 'batch-9' }] },
      'member a of other is in 0 flow runs',
    ],
    ['the table names another run', { batches: [{ ...run, flowRunId: 'run-2' }] }, 'not what Prefect says'],
    ['the table names other members', { batches: [{ ...run, members: ['a'] }] }, 'not what Prefect says'],
    ['a run holds what nobody claimed', { claims: kept.claims.slice(1) }, 'that nobody claimed'],
    ['parameters lack an event', { runs: [{ ...run, eventCount: 1 }, deadRun] }, 'was given 1 events'],
    ['a run has failed', { runs: [{ ...run, stateName: 'Crashed' }, deadRun] }, 'work-1 is Crashed'],
    ['a dead letter is missing', { letters: [] }, 'no dead-letter queue has it'],
    [
      'a dead letter has another reason',
      { letters: [{ ...letter, code: 'not-json' }] },
      'no dead-letter queue has it',
    ],
  ])('is broken when %s', (_case, change, complaint) => {
    expect(brokenPromises({ ...kept, ...change })).toContainEqual(expect.stringContaining(complaint));
  });
});
