/**
 * The report of a reconciliation: counts of everything, and the first findings of each kind by name. Reports of parts
 * of the table add up to one.
 */
import type { OverdueReason } from './window-sweep.ts';

export interface ReconcileReport {
  readonly dryRun: boolean;
  /** Null if this part of the work did not look at routes. */
  readonly routes: RoutesReport | null;
  /** Null if this part of the work did not look at windows. */
  readonly windows: WindowsReport | null;
  /** Null if this part of the work did not look at claims. */
  readonly claims: ClaimsReport | null;
  /** The key at which the next part of the table begins; null after the last part. */
  readonly nextKey: string | null;
}

/** The counters of routes, with what they count. */
export const ROUTE_COUNTERS = {
  routes: 'configured',
  deploymentsMissing: 'their deployment is not in Prefect: their events are redelivered until it is',
  deploymentsIndeterminate: 'not decided: Prefect did not respond',
} as const;

/** The counters of windows, with what they count. The names are the fields of the report and of its JSON. */
export const WINDOW_COUNTERS = {
  unclosed: 'open, or not finished',
  overdue: 'should have been finished by now',
  swept: 'of the overdue, finished now',
} as const;

/** The counters of events, with what they count. */
export const EVENT_COUNTERS = {
  settled: 'in a flow run or a window, or dead-lettered',
  inFlight: 'claimed a moment ago: a worker may be processing them',
  recordMissing: 'in a flow run that the table had no record of',
  uncreated: 'claimed, but in no flow run and no window: their source has to redeliver them',
  excluded: "not part of their batch's flow run: their source has to redeliver them",
  stuck:
    'of uncreated and excluded, claimed more than an hour ago: check the alarms and logs of their source',
  unrecoverable: "of these, past redelivery: check their source's dead-letter queue",
  indeterminate: 'not decided: Prefect did not respond, or the run has no readable label',
} as const;

/** The counters of batches and their flow runs, with what they count. */
export const RUN_COUNTERS = {
  recordsWritten: 'records written now',
  runsFound: 'recorded, and in Prefect',
  runsDeleted: 'recorded, and deleted in Prefect since',
  runsDeletedWithDeployment:
    'of runsDeleted, deleted with their deployment: those that had not started are lost',
  runsIndeterminate: 'not decided: Prefect did not respond',
} as const;

export type Counts<Counters> = Readonly<Record<keyof Counters, number>>;

export interface RoutesReport extends Counts<typeof ROUTE_COUNTERS> {
  readonly findings: readonly RouteFinding[];
}

export interface RouteFinding {
  readonly kind: 'deployment-missing' | 'indeterminate';
  readonly route: string;
  /** `<flow>/<deployment>`, as the route names it. */
  readonly deployment: string;
  readonly detail: string | null;
}

export interface WindowsReport extends Counts<typeof WINDOW_COUNTERS> {
  /** False if the invocation ran out of time before it had looked at all windows. */
  readonly isComplete: boolean;
  readonly findings: readonly WindowFinding[];
}

export interface WindowFinding {
  readonly kind: OverdueReason;
  readonly windowId: string;
  readonly sinceEpochMs: number;
  readonly isSwept: boolean;
  /** Why it is not finished yet. */
  readonly detail: string | null;
  readonly flowRunIds: readonly string[];
}

export interface ClaimsReport extends Counts<typeof EVENT_COUNTERS & typeof RUN_COUNTERS> {
  readonly findings: readonly ClaimFinding[];
}

export type ClaimFindingKind =
  | 'record-missing'
  | 'uncreated'
  | 'excluded'
  | 'indeterminate'
  | 'run-deleted'
  | 'run-deleted-with-deployment';

/** A batch, and those of its events that the finding concerns. */
export interface ClaimFinding {
  readonly kind: ClaimFindingKind;
  readonly batchId: string;
  /** Null if only the record is known. */
  readonly route: string | null;
  readonly events: number;
  /** The claim keys of the first few events: `C#<route>#<hash of the dedupe key>`. */
  readonly claimKeys: readonly string[];
  readonly flowRunId: string | null;
  /** All of the events were claimed before this time. */
  readonly claimedBeforeEpochSeconds: number | null;
  /** Whether their source does not redeliver them any more. */
  readonly isUnrecoverable: boolean;
  readonly detail: string | null;
}

const FINDINGS_PER_KIND = 50;
export const CLAIM_KEYS_PER_FINDING = 5;

export const EMPTY_ROUTES_REPORT: RoutesReport = { ...zeros(ROUTE_COUNTERS), findings: [] };

export const EMPTY_WINDOWS_REPORT: WindowsReport = {
  ...zeros(WINDOW_COUNTERS),
  isComplete: true,
  findings: [],
};

export const EMPTY_CLAIMS_REPORT: ClaimsReport = {
  ...zeros({ ...EVENT_COUNTERS, ...RUN_COUNTERS }),
  findings: [],
};

export function addReports(one: ReconcileReport, next: ReconcileReport): ReconcileReport {
  return {
    dryRun: one.dryRun,
    routes: one.routes ?? next.routes,
    windows:
      one.windows === null || next.windows === null
        ? (one.windows ?? next.windows)
        : addWindows(one.windows, next.windows),
    claims:
      one.claims === null || next.claims === null
        ? (one.claims ?? next.claims)
        : addClaims(one.claims, next.claims),
    nextKey: next.nextKey,
  };
}

export function addWindows(one: WindowsReport, next: WindowsReport): WindowsReport {
  return {
    ...sums(WINDOW_COUNTERS, one, next),
    isComplete: one.isComplete && next.isComplete,
    findings: firstOfEachKind([...one.findings, ...next.findings]),
  };
}

export function addClaims(one: ClaimsReport, next: ClaimsReport): ClaimsReport {
  return {
    ...sums({ ...EVENT_COUNTERS, ...RUN_COUNTERS }, one, next),
    findings: firstOfEachKind(joinByBatch([...one.findings, ...next.findings])),
  };
}

function zeros<Counters extends object>(counters: Counters): Counts<Counters> {
  return mapCounters(counters, () => 0);
}

function sums<Counters extends object>(
  counters: Counters,
  one: Counts<Counters>,
  next: Counts<Counters>,
): Counts<Counters> {
  return mapCounters(counters, (name) => one[name] + next[name]);
}

function mapCounters<Counters extends object>(
  counters: Counters,
  count: (name: keyof Counters) => number,
): Counts<Counters> {
  const counts = counterNames(counters).map((name) => [name, count(name)]);
  return Object.fromEntries(counts) as Counts<Counters>;
}

export function counterNames<Counters extends object>(
  counters: Counters,
): readonly (keyof Counters & string)[] {
  return Object.keys(counters) as (keyof Counters & string)[];
}

/** Join the findings of one batch. Its claims are spread over the table, so that several parts find it. */
function joinByBatch(findings: readonly ClaimFinding[]): readonly ClaimFinding[] {
  const byBatch = new Map<string, ClaimFinding>();
  for (const finding of findings) {
    const name = `${finding.kind} ${finding.batchId}`;
    const before = byBatch.get(name);
    byBatch.set(name, before === undefined ? finding : joinFindings(before, finding));
  }
  return [...byBatch.values()];
}

function joinFindings(one: ClaimFinding, next: ClaimFinding): ClaimFinding {
  return {
    ...one,
    events: one.events + next.events,
    claimKeys: [...one.claimKeys, ...next.claimKeys].slice(0, CLAIM_KEYS_PER_FINDING),
    claimedBeforeEpochSeconds: latest(one.claimedBeforeEpochSeconds, next.claimedBeforeEpochSeconds),
    isUnrecoverable: one.isUnrecoverable && next.isUnrecoverable,
  };
}

function latest(one: number | null, next: number | null): number | null {
  return one === null || next === null ? (one ?? next) : Math.max(one, next);
}

function firstOfEachKind<Finding extends { readonly kind: string }>(
  findings: readonly Finding[],
): readonly Finding[] {
  return [...Map.groupBy(findings, ({ kind }) => kind).values()].flatMap((ofKind) =>
    ofKind.slice(0, FINDINGS_PER_KIND),
  );
}
