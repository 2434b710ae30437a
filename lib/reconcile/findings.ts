/**
 * What a reconciliation found: counts of everything, and the first few of each kind by name. Reports of parts of the
 * table add up to one.
 */
import type { OverdueReason } from './window-sweep.ts';

export interface ReconcileReport {
  readonly dryRun: boolean;
  /** Null: this part of the work did not look at windows. */
  readonly windows: WindowsReport | null;
  /** Null: this part of the work did not look at claims. */
  readonly claims: ClaimsReport | null;
  /** Where the next part begins; null: nothing is left. */
  readonly nextKey: string | null;
}

export interface WindowsReport {
  /** Open, or not brought to their end. */
  readonly unclosed: number;
  /** Of those (and of the windows that cover them), what should have been done by now. */
  readonly overdue: number;
  /** Of the overdue, those that are done now. */
  readonly swept: number;
  /** False: the time of the invocation was over before all were looked at. */
  readonly isComplete: boolean;
  readonly findings: readonly WindowFinding[];
}

export interface WindowFinding {
  readonly kind: OverdueReason;
  readonly windowId: string;
  readonly sinceEpochMs: number;
  readonly isSwept: boolean;
  /** Why it is not done yet. */
  readonly detail: string | null;
  readonly flowRunIds: readonly string[];
}

export interface ClaimsReport {
  // Events:
  /** In a flow run or in a window, or dead-lettered. */
  readonly settled: number;
  /** Claimed so lately that somebody may be at work on them. */
  readonly inFlight: number;
  /** In a flow run of which the table had no record. */
  readonly recordMissing: number;
  /** Claimed, and in no flow run and no window: their source has to deliver them again. */
  readonly notCreated: number;
  /** Their batch went without them: as those. */
  readonly excluded: number;
  /** Of the last two, those that no source delivers again any more. */
  readonly missed: number;
  /** Prefect could not be asked about them, or gave no clear answer. */
  readonly indeterminate: number;
  // Batches:
  readonly recordsWritten: number;
  /** Their run is recorded, and in Prefect. */
  readonly runsThere: number;
  /** Their run is recorded, and has been deleted in Prefect. */
  readonly runsGone: number;
  readonly runsIndeterminate: number;
  readonly findings: readonly ClaimFinding[];
}

export type ClaimFindingKind =
  'record-missing' | 'not-created' | 'left-behind' | 'indeterminate' | 'run-gone';

/** A batch, and those of its events that are meant. */
export interface ClaimFinding {
  readonly kind: ClaimFindingKind;
  readonly batchId: string;
  /** Null where only the record is known. */
  readonly route: string | null;
  readonly events: number;
  /** The first few of them: `C#<route>#<hash of the dedupe key>`. */
  readonly claimKeys: readonly string[];
  readonly flowRunId: string | null;
  /** The last of them was claimed before this. */
  readonly claimedBeforeEpochSeconds: number | null;
  /** Whether no source delivers them again any more. */
  readonly isMissed: boolean;
  readonly detail: string | null;
}

const FINDINGS_PER_KIND = 50;
export const CLAIM_KEYS_PER_FINDING = 5;

export const NO_WINDOWS: WindowsReport = {
  unclosed: 0,
  overdue: 0,
  swept: 0,
  isComplete: true,
  findings: [],
};

export const NO_CLAIMS: ClaimsReport = {
  settled: 0,
  inFlight: 0,
  recordMissing: 0,
  notCreated: 0,
  excluded: 0,
  missed: 0,
  indeterminate: 0,
  recordsWritten: 0,
  runsThere: 0,
  runsGone: 0,
  runsIndeterminate: 0,
  findings: [],
};

export function addReports(one: ReconcileReport, next: ReconcileReport): ReconcileReport {
  return {
    dryRun: one.dryRun,
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
    unclosed: one.unclosed + next.unclosed,
    overdue: one.overdue + next.overdue,
    swept: one.swept + next.swept,
    isComplete: one.isComplete && next.isComplete,
    findings: firstOfEachKind([...one.findings, ...next.findings]),
  };
}

export function addClaims(one: ClaimsReport, next: ClaimsReport): ClaimsReport {
  return {
    settled: one.settled + next.settled,
    inFlight: one.inFlight + next.inFlight,
    recordMissing: one.recordMissing + next.recordMissing,
    notCreated: one.notCreated + next.notCreated,
    excluded: one.excluded + next.excluded,
    missed: one.missed + next.missed,
    indeterminate: one.indeterminate + next.indeterminate,
    recordsWritten: one.recordsWritten + next.recordsWritten,
    runsThere: one.runsThere + next.runsThere,
    runsGone: one.runsGone + next.runsGone,
    runsIndeterminate: one.runsIndeterminate + next.runsIndeterminate,
    findings: firstOfEachKind(joined([...one.findings, ...next.findings])),
  };
}

/** The claims of one batch are all over the table, so that several parts find it. */
function joined(findings: readonly ClaimFinding[]): readonly ClaimFinding[] {
  const byBatch = new Map<string, ClaimFinding>();
  for (const finding of findings) {
    const name = `${finding.kind} ${finding.batchId}`;
    const before = byBatch.get(name);
    byBatch.set(name, before === undefined ? finding : joinedWith(before, finding));
  }
  return [...byBatch.values()];
}

function joinedWith(one: ClaimFinding, next: ClaimFinding): ClaimFinding {
  return {
    ...one,
    events: one.events + next.events,
    claimKeys: [...one.claimKeys, ...next.claimKeys].slice(0, CLAIM_KEYS_PER_FINDING),
    claimedBeforeEpochSeconds: latest(one.claimedBeforeEpochSeconds, next.claimedBeforeEpochSeconds),
    isMissed: one.isMissed && next.isMissed,
  };
}

function latest(one: number | null, next: number | null): number | null {
  return one === null || next === null ? (one ?? next) : Math.max(one, next);
}

function firstOfEachKind<Finding extends { readonly kind: string }>(
  findings: readonly Finding[],
): readonly Finding[] {
  return [...Map.groupBy(findings, ({ kind }) => kind).values()].flatMap((of) =>
    of.slice(0, FINDINGS_PER_KIND),
  );
}
