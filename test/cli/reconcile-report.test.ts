import { describe, expect, it } from 'vitest';
import { isAllWell, reconcileReport } from '../../cli/reconcile-report.ts';
import {
  NO_CLAIMS,
  NO_WINDOWS,
  type ClaimFinding,
  type ReconcileReport,
} from '../../lib/reconcile/findings.ts';

const WELL: ReconcileReport = {
  dryRun: false,
  windows: { ...NO_WINDOWS, unclosed: 3 },
  claims: { ...NO_CLAIMS, settled: 1_200, runsThere: 12 },
  nextKey: null,
};

const FINDING: ClaimFinding = {
  kind: 'not-created',
  batchId: 'deployment.batch',
  route: 'process-orders',
  events: 2,
  claimKeys: ['C#process-orders#one', 'C#process-orders#two'],
  flowRunId: null,
  claimedBeforeEpochSeconds: 1_790_000_000,
  isMissed: true,
  detail: null,
};

describe('the report of a reconciliation', () => {
  it('says so when all is well', () => {
    expect(reconcileReport(WELL, 'Sluice')).toBe(
      [
        'Stack Sluice',
        '',
        'Windows',
        '  3  are open, or not brought to their end',
        '  0  should have been by now',
        '  0  of those are now',
        '',
        'Events',
        '  1200  are in a flow run or in a window, or dead-lettered',
        '     0  were claimed just now',
        '     0  are in a flow run of which the table had no record; records written: 0',
        '     0  were claimed, and are in no flow run: their source has to deliver them again',
        '     0  were left behind by their batch: as those',
        '     0  of the last two will not come again by themselves: look into the dead-letter queue of their source',
        '     0  are not clear: Prefect did not say',
        'Recorded flow runs',
        '  12  are in Prefect',
        '   0  were deleted in Prefect',
        '   0  are not clear: Prefect did not say',
        '',
        'All is well.',
      ].join('\n'),
    );
  });

  it('names what was found, and what became of it', () => {
    const text = reconcileReport(
      {
        ...WELL,
        dryRun: true,
        windows: {
          unclosed: 4,
          overdue: 1,
          swept: 0,
          isComplete: false,
          findings: [
            {
              kind: 'overdue',
              windowId: 'process-orders#key#7',
              sinceEpochMs: 1_790_000_000_000,
              isSwept: false,
              detail: 'a dry run flushes nothing',
              flowRunIds: [],
            },
          ],
        },
        claims: { ...NO_CLAIMS, notCreated: 2, missed: 2, findings: [FINDING] },
      },
      'Sluice',
    );
    expect(text).toContain('Stack Sluice, looked at only: nothing was changed\n');
    expect(text).toContain('  Not all were looked at: the time of the function was over. Run it again.\n');
    expect(text).toContain(
      '  - process-orders#key#7: its timer did not come (since 2026-09-21T14:13:20.000Z); a dry run flushes nothing\n',
    );
    expect(text).toContain(
      '  - not-created: batch deployment.batch, route process-orders, 2 events, ' +
        'claimed before 2026-09-21T14:13:20.000Z, will not come again\n' +
        '    C#process-orders#one\n    C#process-orders#two\n',
    );
    expect(text).toMatch(/Not all is well: see above\.$/);
  });

  it.each([
    [
      'swept windows and deleted runs are',
      { windows: { ...NO_WINDOWS, overdue: 2, swept: 2 }, claims: { ...NO_CLAIMS, runsGone: 2 } },
      true,
    ],
    ['a window that is overdue still is not', { windows: { ...NO_WINDOWS, overdue: 2, swept: 1 } }, false],
    ['windows that were not looked at are not', { windows: { ...NO_WINDOWS, isComplete: false } }, false],
    ['events in no run are not', { claims: { ...NO_CLAIMS, notCreated: 1 } }, false],
    ['events that were left behind are not', { claims: { ...NO_CLAIMS, excluded: 1 } }, false],
    ['a record that was written is', { claims: { ...NO_CLAIMS, recordMissing: 1, recordsWritten: 1 } }, true],
    [
      'a record that a dry run did not write is not',
      { dryRun: true, claims: { ...NO_CLAIMS, recordMissing: 1 } },
      false,
    ],
    ['a Prefect that does not answer is not', { claims: { ...NO_CLAIMS, runsIndeterminate: 1 } }, false],
    ['a table that was not read to its end is not', { nextKey: 'C#' }, false],
  ] as const)('%s well', (_, changes, expected) => {
    expect(isAllWell({ ...WELL, ...changes })).toBe(expected);
  });
});
