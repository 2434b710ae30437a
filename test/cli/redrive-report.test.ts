import { describe, expect, it } from 'vitest';
import { progressLine, redriveReport } from '../../cli/redrive-report.ts';
import type { RedriveTotals } from '../../lib/redrive/redrive-totals.ts';

function totals(changes: Partial<RedriveTotals> = {}): RedriveTotals {
  return {
    letters: [
      { source: 'jobs', route: 'collect-orders', code: 'refused-by-prefect', count: 120 },
      { source: 'hook', route: null, code: 'received-too-often', count: 3 },
    ],
    fates: [{ kind: 'planned', route: 'collect-orders', code: null, detail: null, count: 123 }],
    flowRuns: 0,
    plannedRuns: { 'collect-orders': 4 },
    untouched: { otherLetters: 0, foreign: 0, incompleteParts: 0, tooLarge: 0, withoutFunction: {} },
    undeleted: 0,
    stopped: null,
    ...changes,
  };
}

const terms = { stackName: 'Sluice', lettersPerMinute: 60 } as const;

describe('the report of a redrive', () => {
  it('says of a plan what is there, what it would cost, and how to go on', () => {
    expect(redriveReport(totals(), { ...terms, mode: 'plan' })).toBe(
      [
        'Dead letters of stack Sluice that match: 123',
        '',
        '  letters  source  route           code',
        '  120      jobs    collect-orders  refused-by-prefect',
        '  3        hook    -               received-too-often',
        '',
        'Under what is deployed now:',
        '  123 would be sent (collect-orders)',
        '',
        'Flow runs of route collect-orders: 4 at most',
        'Requests to Prefect: about 4, and 3 more for each event that is refused again',
        'Time: about 3 min at 60 letters a minute',
        'Nothing was sent, and nothing was deleted. To redrive these letters, add --yes.',
      ].join('\n'),
    );
  });

  it('says of a redrive what became of the letters, why some are left, and why it stopped', () => {
    const text = redriveReport(
      totals({
        fates: [
          { kind: 'created', route: 'collect-orders', code: null, detail: null, count: 100 },
          {
            kind: 'dead-lettered',
            route: 'collect-orders',
            code: 'refused-by-prefect',
            detail: 'orders.0.id: not a string',
            count: 20,
          },
        ],
        flowRuns: 4,
        untouched: {
          otherLetters: 7,
          foreign: 1,
          incompleteParts: 0,
          tooLarge: 0,
          withoutFunction: { gone: 2 },
        },
        stopped: 'limit',
      }),
      { ...terms, mode: 'run' },
    );
    expect(text).toContain('  100 are in a flow run now (collect-orders)');
    expect(text).toContain(
      '  20 are dead again: each has a new letter (collect-orders, refused-by-prefect)\n      orders.0.id: not a string',
    );
    expect(text).toContain('  flow runs created: 4');
    expect(text).toContain(
      '  7 other messages with letters stay as they are\n  1 messages that are no letters',
    );
    expect(text).toContain('  2 are of source gone, for which the stack has no function');
    expect(text).toContain('Stopped at --limit');
    expect(text).not.toContain('Requests to Prefect');
  });

  it('says that nothing matches when nothing does', () => {
    expect(redriveReport(totals({ letters: [], fates: [] }), { ...terms, mode: 'run' })).toBe(
      'No dead letter of stack Sluice matches.',
    );
  });

  it('counts by fate while it is at work', () => {
    const fates = (['created', 'created', 'retry'] as const).map((kind, count) => ({
      kind,
      route: null,
      code: String(count),
      detail: null,
      count: count + 1,
    }));
    expect(progressLine(totals({ fates }))).toBe('redriven so far: 3 created, 3 retry');
  });
});
