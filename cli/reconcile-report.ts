/** What `sluice reconcile` prints. */
import type {
  ClaimFinding,
  ClaimsReport,
  ReconcileReport,
  WindowFinding,
  WindowsReport,
} from '../lib/reconcile/findings.ts';

/** Whether nobody has to do anything: what was found is mended, or never was wrong. */
export function isAllWell({ windows, claims, dryRun, nextKey }: ReconcileReport): boolean {
  const areWindowsWell = windows === null || (windows.isComplete && windows.swept === windows.overdue);
  const { notCreated, excluded, indeterminate, runsIndeterminate, recordMissing } = claims ?? NOTHING;
  const isRecorded = !dryRun || recordMissing === 0;
  return (
    areWindowsWell &&
    isRecorded &&
    nextKey === null &&
    notCreated + excluded + indeterminate + runsIndeterminate === 0
  );
}

const NOTHING = { notCreated: 0, excluded: 0, indeterminate: 0, runsIndeterminate: 0, recordMissing: 0 };

export function reconcileReport(report: ReconcileReport, stackName: string): string {
  const { windows, claims, dryRun } = report;
  return [
    `Stack ${stackName}${dryRun ? ', looked at only: nothing was changed' : ''}`,
    ...(windows === null ? [] : ['', ...windowLines(windows)]),
    ...(claims === null ? [] : ['', ...claimLines(claims, dryRun)]),
    '',
    isAllWell(report) ? 'All is well.' : 'Not all is well: see above.',
  ].join('\n');
}

function windowLines({ unclosed, overdue, swept, isComplete, findings }: WindowsReport): readonly string[] {
  return [
    'Windows',
    ...table([
      [unclosed, 'are open, or not brought to their end'],
      [overdue, 'should have been by now'],
      [swept, 'of those are now'],
    ]),
    ...(isComplete ? [] : ['  Not all were looked at: the time of the function was over. Run it again.']),
    ...list(findings.map(windowFindingText)),
  ];
}

function windowFindingText({ kind, windowId, sinceEpochMs, isSwept, detail }: WindowFinding): string {
  const state = isSwept ? 'done now' : (detail ?? 'not done');
  return `${windowId}: ${WINDOW_TEXT[kind]} (since ${timeText(sinceEpochMs)}); ${state}`;
}

const WINDOW_TEXT: Readonly<Record<WindowFinding['kind'], string>> = {
  'overdue': 'its timer did not come',
  'not-flushed': 'closed, and no flow run made',
  'not-closed': 'its flow runs are made, the rest was not done',
  'route-changed': 'its route was changed or removed',
  'route-unreadable': 'its route, as it was then, cannot be read',
};

function claimLines(claims: ClaimsReport, dryRun: boolean): readonly string[] {
  const { settled, inFlight, recordMissing, recordsWritten, notCreated, excluded, missed, indeterminate } =
    claims;
  return [
    'Events',
    ...table([
      [settled, 'are in a flow run or in a window, or dead-lettered'],
      [inFlight, 'were claimed just now'],
      [
        recordMissing,
        `are in a flow run of which the table had no record${dryRun ? '' : `; records written: ${recordsWritten}`}`,
      ],
      [notCreated, 'were claimed, and are in no flow run: their source has to deliver them again'],
      [excluded, 'were left behind by their batch: as those'],
      [
        missed,
        'of the last two will not come again by themselves: look into the dead-letter queue of their source',
      ],
      [indeterminate, 'are not clear: Prefect did not say'],
    ]),
    'Recorded flow runs',
    ...table([
      [claims.runsThere, 'are in Prefect'],
      [claims.runsGone, 'were deleted in Prefect'],
      [claims.runsIndeterminate, 'are not clear: Prefect did not say'],
    ]),
    ...list(claims.findings.map(claimFindingText)),
  ];
}

function claimFindingText(finding: ClaimFinding): string {
  const { kind, batchId, route, events, claimKeys, flowRunId, claimedBeforeEpochSeconds, isMissed, detail } =
    finding;
  const facts = [
    `batch ${batchId}`,
    ...(route === null ? [] : [`route ${route}`]),
    ...(events === 0 ? [] : [`${events} events`]),
    ...(flowRunId === null ? [] : [`flow run ${flowRunId}`]),
    ...(claimedBeforeEpochSeconds === null
      ? []
      : [`claimed before ${timeText(claimedBeforeEpochSeconds * 1_000)}`]),
    ...(isMissed ? ['will not come again'] : []),
    ...(detail === null ? [] : [detail]),
  ];
  return [`${kind}: ${facts.join(', ')}`, ...claimKeys.map((claimKey) => `    ${claimKey}`)].join('\n');
}

function table(rows: readonly (readonly [number, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([count]) => String(count).length));
  return rows.map(([count, text]) => `  ${String(count).padStart(width)}  ${text}`);
}

function list(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `  - ${text}`);
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
