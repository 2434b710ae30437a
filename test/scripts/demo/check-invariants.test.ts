import { describe, expect, it } from 'vitest';
import type { EventOutcome } from '../../../scripts/demo/event-outcomes.ts';
import type { FlowRun } from '../../../scripts/demo/flow-runs.ts';
import type { OutcomeLine } from '../../../scripts/demo/outcome-log.ts';
import { findViolations, summarize, type ObservedState } from '../../../scripts/demo/check-invariants.ts';

function outcome(id: string, outcome: Partial<OutcomeLine> | null): EventOutcome {
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
  kind: 'flow-run',
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
const deadLetter = {
  source: 'jobs',
  stage: 'submit',
  code: 'refused-by-prefect',
  detail: 'no order',
  eventId: 'c',
  record: { id: 'c' },
};

const kept: ObservedState = {
  outcomes: [
    outcome('a', inRun),
    outcome('b', inRun),
    outcome('a', { ...inRun, outcome: 'duplicate' }),
    outcome('c', { outcome: 'dead-lettered', code: 'refused-by-prefect' }),
    outcome('d', { outcome: 'filtered', reason: 'no-route-matched' }),
  ],
  claims: [
    { route: 'work', memberId: 'a', batchId: 'batch-1' },
    { route: 'work', memberId: 'b', batchId: 'batch-1' },
    { route: 'work', memberId: 'c', batchId: 'batch-2' },
  ],
  batches: [run, deadRun],
  runs: [run, deadRun],
  deadLetters: [deadLetter],
};

describe('the promise', () => {
  it('is kept when every accepted event is where it belongs', () => {
    expect(findViolations(kept)).toEqual([]);
    expect(summarize(kept)).toBe(
      '5 events accepted: 2 in exactly one flow run, 1 duplicate, 1 filtered, ' +
        '1 dead-lettered. 1 flow run is Completed.',
    );
  });

  it.each<[string, Partial<ObservedState>, string]>([
    ['an event has no outcome', { outcomes: [outcome('a', null)] }, 'has no outcome'],
    [
      'an event is only waiting for its redelivery',
      { outcomes: [outcome('a', { outcome: 'retry' })] },
      'has no outcome',
    ],
    ['the run is not in Prefect', { runs: [deadRun] }, 'that Prefect does not have'],
    [
      'the run is a dead run',
      { outcomes: [outcome('a', { flowRunId: 'run-2' })] },
      'that Prefect does not have',
    ],
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
    [
      'the table names another run',
      { batches: [{ ...run, flowRunId: 'run-2' }] },
      'differs from the flow run in Prefect',
    ],
    [
      'the table names other members',
      { batches: [{ ...run, members: ['a'] }] },
      'differs from the flow run in Prefect',
    ],
    ['a run holds an event without a claim', { claims: kept.claims.slice(1) }, 'without a claim'],
    ['parameters lack an event', { runs: [{ ...run, eventCount: 1 }, deadRun] }, 'received 1 events'],
    ['a run has failed', { runs: [{ ...run, stateName: 'Crashed' }, deadRun] }, 'work-1 is Crashed'],
    ['a dead letter is missing', { deadLetters: [] }, 'is in no dead-letter queue'],
    [
      'a dead letter has another reason',
      { deadLetters: [{ ...deadLetter, code: 'invalid-json' }] },
      'is in no dead-letter queue',
    ],
  ])('is broken when %s', (_case, change, complaint) => {
    expect(findViolations({ ...kept, ...change })).toContainEqual(expect.stringContaining(complaint));
  });
});
