import { describe, expect, it } from 'vitest';
import { progressLine, redriveReport } from '../../cli/redrive-report.ts';
import type { RedriveTotals } from '../../lib/redrive/redrive-totals.ts';

function totals(changes: Partial<RedriveTotals> = {}): RedriveTotals {
  return {
    deadLetters: [
      { source: 'jobs', route: 'collect-orders', code: 'refused-by-prefect', count: 120 },
      { source: 'hook', route: null, code: 'max-receives-exceeded', count: 3 },
    ],
    results: [
      {
        kind: 'planned',
        route: 'collect-orders',
        code: null,
        detail: null,
        count: 123,
        eventIds: ['a', 'b'],
      },
    ],
    flowRuns: 0,
    plannedRuns: { 'collect-orders': 4 },
    untouched: { filteredOut: 0, unrecognized: 0, incompleteParts: 0, tooLarge: 0, withoutFunction: {} },
    undeleted: 0,
    stopped: null,
    ...changes,
  };
}

const OPTIONS = { stackName: 'Sluice', deadLettersPerMinute: 60 } as const;

describe('the text report of sluice redrive', () => {
  it('prints the dead letters of a plan, what it would cost, and how to go on', () => {
    expect(redriveReport(totals(), { ...OPTIONS, mode: 'plan' })).toBe(
      [
        'Matching dead letters of stack Sluice: 123',
        '',
        '  count  source  route           code',
        '  120    jobs    collect-orders  refused-by-prefect',
        '  3      hook    -               max-receives-exceeded',
        '',
        'Under the deployed configuration:',
        '  123 would be sent (collect-orders)',
        '',
        'Flow runs of route collect-orders: 4 at most',
        'Requests to Prefect: about 4, and 3 more for each event that is refused again',
        'Time: about 3 min at 60 dead letters a minute',
        'Nothing was sent, and nothing was deleted. To redrive these dead letters, add --yes.',
      ].join('\n'),
    );
  });

  it('prints what became of dead letters, the events of each cause, why some are left, and why it stopped', () => {
    const refusal = { kind: 'dead-lettered', route: 'collect-orders', code: 'refused-by-prefect' } as const;
    const text = redriveReport(
      totals({
        results: [
          {
            kind: 'created',
            route: 'collect-orders',
            code: null,
            detail: null,
            count: 100,
            eventIds: ['o-1'],
          },
          { ...refusal, detail: 'orders.0.id: not a string', count: 20, eventIds: ['o-2', 'o-3'] },
          { ...refusal, detail: 'orders.0.total: not a number', count: 1, eventIds: ['o-4'] },
        ],
        flowRuns: 4,
        untouched: {
          filteredOut: 7,
          unrecognized: 1,
          incompleteParts: 0,
          tooLarge: 0,
          withoutFunction: { gone: 2 },
        },
        stopped: 'limit',
      }),
      { ...OPTIONS, mode: 'run' },
    );
    expect(text).toContain('  100 are in a flow run now (collect-orders)\n  20 ');
    expect(text).toContain(
      '  20 were dead-lettered again (new message written) (collect-orders, refused-by-prefect)\n' +
        '      orders.0.id: not a string\n      events: o-2, o-3, …\n',
    );
    expect(text).toContain('      orders.0.total: not a number\n      events: o-4\n');
    expect(text).toContain('  flow runs created: 4');
    expect(text).toContain(
      '  7 other messages that hold dead letters stay in the queue\n  1 messages that are not dead letters',
    );
    expect(text).toContain('  2 belong to source gone, for which the stack has no function');
    expect(text).toContain('Stopped at --limit');
    expect(text).not.toContain('Requests to Prefect');
  });

  it('says that no dead letters match when none do', () => {
    expect(redriveReport(totals({ deadLetters: [], results: [] }), { ...OPTIONS, mode: 'run' })).toBe(
      'No dead letters of stack Sluice match.',
    );
  });

  it('counts results by kind in the progress line of a redrive', () => {
    const results = (['created', 'created', 'retry'] as const).map((kind, count) => ({
      kind,
      route: null,
      code: String(count),
      detail: null,
      count: count + 1,
      eventIds: [],
    }));
    expect(progressLine(totals({ results }))).toBe('redriven so far: 3 created, 3 retry');
  });
});
