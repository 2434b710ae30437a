/** The text report of `sluice reconcile`. Counts and findings have the names that they have in its JSON. */
import {
  counterNames,
  EVENT_COUNTERS,
  ROUTE_COUNTERS,
  RUN_COUNTERS,
  WINDOW_COUNTERS,
  type ClaimFinding,
  type ClaimsReport,
  type Counts,
  type ReconcileReport,
  type RoutesReport,
  type WindowFinding,
  type WindowsReport,
} from '../lib/reconcile/findings.ts';

/**
 * Return how many routes, windows, events and runs need attention. What was repaired does not, and neither does a run
 * that was deleted after it was recorded, unless its deployment was: Prefect's retention deletes all runs in the end.
 */
export function countOpenFindings({ routes, windows, claims, dryRun }: ReconcileReport): number {
  const missing = routes === null ? 0 : routes.deploymentsMissing + routes.deploymentsIndeterminate;
  const overdue = windows === null ? 0 : windows.overdue - windows.swept;
  if (claims === null) return missing + overdue;
  const { uncreated, excluded, indeterminate, runsDeletedWithDeployment, runsIndeterminate, recordMissing } =
    claims;
  return (
    missing +
    overdue +
    runsDeletedWithDeployment +
    uncreated +
    excluded +
    indeterminate +
    runsIndeterminate +
    (dryRun ? recordMissing : 0)
  );
}

/** Return whether all windows, and the table to its end, were looked at. */
export function isCompleteReport({ windows, nextKey }: ReconcileReport): boolean {
  return nextKey === null && windows?.isComplete !== false;
}

export function reconcileReport(report: ReconcileReport, stackName: string): string {
  const { routes, windows, claims, dryRun } = report;
  return [
    `Stack ${stackName}${dryRun ? ' (dry run: nothing was changed)' : ''}`,
    ...(routes === null ? [] : ['', ...routeLines(routes)]),
    ...(windows === null ? [] : ['', ...windowLines(windows)]),
    ...(claims === null ? [] : ['', ...claimLines(claims)]),
    '',
    conclusion(report),
  ].join('\n');
}

function conclusion(report: ReconcileReport): string {
  const count = countOpenFindings(report);
  if (!isCompleteReport(report)) return `Not everything was looked at. Run it again. ${attention(count)}`;
  return attention(count);
}

function attention(count: number): string {
  if (count === 0) return 'No findings need attention.';
  return count === 1 ? '1 finding needs attention.' : `${count} findings need attention.`;
}

function routeLines(routes: RoutesReport): readonly string[] {
  return [
    'Routes',
    ...table(ROUTE_COUNTERS, routes),
    ...list(
      routes.findings.map(({ kind, route, deployment, detail }) => {
        const reason = detail === null ? '' : `; ${detail}`;
        return `${kind}: route ${route}, deployment ${deployment}${reason}`;
      }),
    ),
  ];
}

function windowLines(windows: WindowsReport): readonly string[] {
  return [
    'Windows',
    ...table(WINDOW_COUNTERS, windows),
    ...(windows.isComplete ? [] : ['  The function ran out of time before it had looked at all windows.']),
    ...list(windows.findings.map(windowFindingText)),
  ];
}

function windowFindingText({ kind, windowId, sinceEpochMs, isSwept, detail }: WindowFinding): string {
  const state = isSwept ? 'finished now' : (detail ?? 'not finished');
  return `${kind}: ${windowId}, ${WINDOW_TEXT[kind]} (since ${timeText(sinceEpochMs)}); ${state}`;
}

const WINDOW_TEXT: Readonly<Record<WindowFinding['kind'], string>> = {
  'overdue': 'timer message lost',
  'not-flushed': 'closed, but its flow runs were not created',
  'not-closed': 'its flow runs were created, but it was not marked as closed',
  'route-changed': 'its route was changed or removed',
  'route-unreadable': 'its route version cannot be read',
};

function claimLines(claims: ClaimsReport): readonly string[] {
  return [
    'Events',
    ...table(EVENT_COUNTERS, claims),
    '',
    'Flow runs',
    ...table(RUN_COUNTERS, claims),
    ...list(claims.findings.map(claimFindingText)),
  ];
}

function claimFindingText(finding: ClaimFinding): string {
  const { kind, batchId, route, events, claimKeys, flowRunId, claimedBeforeEpochSeconds, detail } = finding;
  const facts = [
    `batch ${batchId}`,
    ...(route === null ? [] : [`route ${route}`]),
    ...(events === 0 ? [] : [`${events} ${events === 1 ? 'event' : 'events'}`]),
    ...(flowRunId === null ? [] : [`flow run ${flowRunId}`]),
    ...(claimedBeforeEpochSeconds === null
      ? []
      : [`claimed before ${timeText(claimedBeforeEpochSeconds * 1_000)}`]),
    ...(finding.isUnrecoverable ? ['unrecoverable'] : []),
    ...(detail === null ? [] : [detail]),
  ];
  return [`${kind}: ${facts.join(', ')}`, ...claimKeys.map((claimKey) => `    ${claimKey}`)].join('\n');
}

/** Print a line for each counter: the count, the name, and what it counts. */
function table<Counters extends Readonly<Record<string, string>>>(
  counters: Counters,
  counts: Counts<Counters>,
): readonly string[] {
  const rows = counterNames(counters).map(
    (name) => [String(counts[name]), name, counters[name] ?? ''] as const,
  );
  const countWidth = Math.max(...rows.map(([count]) => count.length));
  const nameWidth = Math.max(...rows.map(([, name]) => name.length));
  return rows.map(
    ([count, name, text]) => `  ${count.padStart(countWidth)}  ${name.padEnd(nameWidth)}  ${text}`,
  );
}

function list(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `  - ${text}`);
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
