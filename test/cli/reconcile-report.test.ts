import { describe, expect, it } from 'vitest';
import { countOpenFindings, isCompleteReport, reconcileReport } from '../../cli/reconcile-report.ts';
import {
  EMPTY_CLAIMS_REPORT,
  EMPTY_ROUTES_REPORT,
  EMPTY_WINDOWS_REPORT,
  EVENT_COUNTERS,
  ROUTE_COUNTERS,
  RUN_COUNTERS,
  WINDOW_COUNTERS,
  type ClaimFinding,
  type ReconcileReport,
} from '../../lib/reconcile/findings.ts';

const NOTHING_OPEN: ReconcileReport = {
  dryRun: false,
  routes: { ...EMPTY_ROUTES_REPORT, routes: 2 },
  windows: { ...EMPTY_WINDOWS_REPORT, unclosed: 3 },
  claims: { ...EMPTY_CLAIMS_REPORT, settled: 1_200, runsFound: 12 },
  nextKey: null,
};

const FINDING: ClaimFinding = {
  kind: 'uncreated',
  batchId: 'deployment.batch',
  route: 'process-orders',
  events: 2,
  claimKeys: ['C#process-orders#one', 'C#process-orders#two'],
  flowRunId: null,
  claimedBeforeEpochSeconds: 1_790_000_000,
  isUnrecoverable: true,
  detail: null,
};

describe('the text report of sluice reconcile', () => {
  it('prints each counter of the JSON report under its name, and that nothing needs attention', () => {
    const text = reconcileReport(NOTHING_OPEN, 'Sluice');
    expect(text).toContain(
      [
        'Stack Sluice',
        '',
        'Routes',
        '  2  routes                    configured',
        '  0  deploymentsMissing        their deployment is not in Prefect: their events are redelivered until it is',
        '  0  deploymentsIndeterminate  not decided: Prefect did not respond',
        '',
        'Windows',
        '  3  unclosed  open, or not finished',
        '  0  overdue   should have been finished by now',
        '  0  swept     of the overdue, finished now',
        '',
        'Events',
        '  1200  settled        in a flow run or a window, or dead-lettered',
      ].join('\n'),
    );
    for (const name of Object.keys({
      ...ROUTE_COUNTERS,
      ...WINDOW_COUNTERS,
      ...EVENT_COUNTERS,
      ...RUN_COUNTERS,
    })) {
      expect(text).toMatch(new RegExp(`^ +\\d+  ${name} +\\S`, 'm'));
    }
    expect(text).toMatch(/No findings need attention\.$/);
  });

  it('names each finding of reconcile, what became of it, and how many need attention', () => {
    const text = reconcileReport(
      {
        ...NOTHING_OPEN,
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
        claims: { ...EMPTY_CLAIMS_REPORT, uncreated: 2, unrecoverable: 2, findings: [FINDING] },
      },
      'Sluice',
    );
    expect(text).toContain('Stack Sluice (dry run: nothing was changed)\n');
    expect(text).toContain('  The function ran out of time before it had looked at all windows.\n');
    expect(text).toContain(
      '  - overdue: process-orders#key#7, timer message lost (since 2026-09-21T14:13:20.000Z); a dry run flushes nothing\n',
    );
    expect(text).toContain(
      '  - uncreated: batch deployment.batch, route process-orders, 2 events, ' +
        'claimed before 2026-09-21T14:13:20.000Z, unrecoverable\n' +
        '    C#process-orders#one\n    C#process-orders#two\n',
    );
    expect(text).toMatch(/Not everything was looked at\. Run it again\. 3 findings need attention\.$/);
  });

  it.each([
    ['windows that were swept', { windows: { ...EMPTY_WINDOWS_REPORT, overdue: 2, swept: 2 } }, 0],
    [
      'runs that were deleted after they were recorded',
      { claims: { ...EMPTY_CLAIMS_REPORT, runsDeleted: 2 } },
      0,
    ],
    ['a window that is still overdue', { windows: { ...EMPTY_WINDOWS_REPORT, overdue: 2, swept: 1 } }, 1],
    ['a route without its deployment', { routes: { ...EMPTY_ROUTES_REPORT, deploymentsMissing: 1 } }, 1],
    [
      'runs that were deleted with their deployment',
      { claims: { ...EMPTY_CLAIMS_REPORT, runsDeleted: 3, runsDeletedWithDeployment: 2 } },
      2,
    ],
    ['events in no run', { claims: { ...EMPTY_CLAIMS_REPORT, uncreated: 2 } }, 2],
    ["events that their batch's run excludes", { claims: { ...EMPTY_CLAIMS_REPORT, excluded: 1 } }, 1],
    [
      'a record that was written',
      { claims: { ...EMPTY_CLAIMS_REPORT, recordMissing: 1, recordsWritten: 1 } },
      0,
    ],
    [
      'a record that a dry run did not write',
      { dryRun: true, claims: { ...EMPTY_CLAIMS_REPORT, recordMissing: 1 } },
      1,
    ],
    ['runs of which Prefect said nothing', { claims: { ...EMPTY_CLAIMS_REPORT, runsIndeterminate: 1 } }, 1],
  ] as const)('counts %s as open findings of reconcile: %s', (_, changes, expected) => {
    expect(countOpenFindings({ ...NOTHING_OPEN, ...changes })).toBe(expected);
  });

  it('is incomplete when windows or parts of the table were not looked at', () => {
    expect(isCompleteReport(NOTHING_OPEN)).toBe(true);
    expect(isCompleteReport({ ...NOTHING_OPEN, nextKey: 'C#' })).toBe(false);
    const windows = { ...EMPTY_WINDOWS_REPORT, isComplete: false };
    expect(isCompleteReport({ ...NOTHING_OPEN, windows })).toBe(false);
  });
});
