import { describe, expect, it } from 'vitest';
import { checkExpectation } from '../../../cli/rehearsal/check-expectation.ts';
import type { PlannedRun, Rehearsal } from '../../../cli/rehearsal/rehearse.ts';
import type { Expectation } from '../../../lib/config/tests/model.ts';

const RUN: PlannedRun = {
  route: 'orders',
  deployment: 'orders/prod',
  samples: [0, 1],
  groupKey: '',
  waits: false,
  parameters: { orders: [1, 2] },
};
const FOUND: Rehearsal = {
  runs: [RUN],
  trouble: [
    {
      kind: 'dead-lettered',
      sample: 2,
      route: 'orders',
      rejection: { code: 'expression-failed', detail: 'when: it failed' },
    },
    { kind: 'refused', sample: 3, rejection: { code: 'invalid-json', detail: 'not JSON' } },
  ],
  filtered: [4],
  duplicates: [5],
  claimKeys: [],
  events: new Map(),
};
const NOTHING: Expectation = { deadLetters: [], refused: [] };
const TROUBLE: Expectation = {
  deadLetters: [{ event: 2, code: 'expression-failed' }],
  refused: [{ event: 3, code: 'invalid-json' }],
};

describe('the check of an expectation', () => {
  it('passes when everything that is written is found', () => {
    const expected: Expectation = {
      ...TROUBLE,
      runs: [{ route: 'orders', deployment: 'orders/prod', events: [1, 0], parameters: { orders: [1, 2] } }],
      filtered: [4],
      duplicates: [5],
    };
    expect(checkExpectation(expected, FOUND)).toEqual([]);
  });

  it('fails for dead letters and refusals that are not expected, with their reasons', () => {
    expect(checkExpectation(NOTHING, FOUND)).toEqual([
      'events[3] was refused by the endpoint: invalid-json: not JSON',
      'events[2] was dead-lettered by orders: expression-failed: when: it failed',
    ]);
  });

  it.each<[string, Partial<Expectation>, string]>([
    ['another number of events', { runs: [{ events: 3 }] }, 'runs[0].events: expected 3, found 2'],
    [
      'another parameter',
      { runs: [{ parameters: { orders: [1, 3] } }] },
      'runs[0].parameters.orders[1]: expected 3, found 2',
    ],
    [
      'a parameter that does not exist',
      { runs: [{ parameters: { x: 1 } }] },
      'runs[0].parameters.x: expected 1, found nothing',
    ],
    ['a window', { runs: [{ waits: true }] }, 'runs[0].waits: expected true, found false'],
    ['a run that is not planned', { runs: [{}, {}] }, 'runs[1]: no such run was planned'],
    ['no runs', { runs: [] }, 'one run more than expected: orders → orders/prod with events[0], events[1]'],
    ['another filtered event', { filtered: [] }, 'filtered: expected [], found [4]'],
    ['no duplicates', { duplicates: [] }, 'duplicates: expected [], found [5]'],
    [
      'a dead letter with another code',
      { deadLetters: [{ event: 2, code: 'too-large' }] },
      'events[2] was expected to be dead-lettered with the code too-large',
    ],
    [
      'a dead letter of another route',
      { deadLetters: [{ event: 2, code: 'expression-failed', route: 'audit' }] },
      'events[2] was expected to be dead-lettered with the code expression-failed',
    ],
  ])('fails for %s', (_, expected, problem) => {
    expect(checkExpectation({ ...TROUBLE, ...expected }, FOUND)).toContain(problem);
  });

  it('compares runs in any order', () => {
    const other: PlannedRun = { ...RUN, route: 'audit', samples: [4] };
    const expected: Expectation = { ...TROUBLE, runs: [{ route: 'audit' }, { route: 'orders' }] };
    expect(checkExpectation(expected, { ...FOUND, runs: [RUN, other] })).toEqual([]);
  });
});
