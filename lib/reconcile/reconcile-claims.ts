/**
 * Compares one page of the table with what Prefect has.
 *
 *   scan ──▶ records ──▶ claims again ──▶ records again ──▶ counts, and the runs that are there ──▶ records written
 *   │                    └──────┬───────────────────┘
 *   slightly stale:             consistent reads of the few that look wrong
 *   most are settled
 *
 * A run without a record is recorded with the members that its label names, as any worker would do. A missing run is
 * reported and nothing is changed: a slow request may still create it, and its events are with their source, since
 * Sluice never acknowledged them.
 */
import type { FlowRunRecord, Claim, RecordedBatch } from '../ports.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { destinationOf } from '../batching/batch-id.ts';
import { routeOfClaim } from '../routing/member.ts';
import {
  addClaims,
  CLAIM_KEYS_PER_FINDING,
  EMPTY_CLAIMS_REPORT,
  type ClaimFinding,
  type ClaimFindingKind,
  type ClaimsReport,
} from './findings.ts';
import type { FlowRunLookup } from './flow-run-lookup.ts';
import { deploymentIdOf } from '../prefect/idempotency-key.ts';
import { RECORD_OUTLIVES_CLAIM_SECONDS } from '../protocol/create-run.ts';
import type { ReconcilePorts, TablePage } from './reconcile-ports.ts';
import { sortClaims, type SortedClaims } from './sorted-claims.ts';

export type ClaimPorts = Pick<ReconcilePorts, 'claims' | 'records' | 'recordWriter' | 'clock'>;

/** SQS keeps messages for at most 14 days, and uncommitted records of a topic are rarely older. */
const REDELIVERY_HORIZON_SECONDS = 14 * 86_400;
/** A redelivery settles an event within minutes, unless something is broken. */
const STUCK_SECONDS = 3_600;

export async function reconcilePage(
  page: TablePage,
  config: CompiledConfig,
  ports: ClaimPorts,
  lookup: FlowRunLookup,
): Promise<ClaimsReport> {
  const reconciliation = new PageReconciliation(config, ports, lookup);
  await reconciliation.reconcileClaims(page.claims);
  await reconciliation.reconcileRecords(page.records);
  return reconciliation.report;
}

class PageReconciliation {
  report: ClaimsReport = EMPTY_CLAIMS_REPORT;
  readonly #config: CompiledConfig;
  readonly #ports: ClaimPorts;
  readonly #lookup: FlowRunLookup;
  readonly #nowEpochSeconds: number;

  constructor(config: CompiledConfig, ports: ClaimPorts, lookup: FlowRunLookup) {
    this.#config = config;
    this.#ports = ports;
    this.#lookup = lookup;
    this.#nowEpochSeconds = Math.floor(ports.clock.nowEpochMs() / 1_000);
  }

  async reconcileClaims(scanned: readonly Claim[]): Promise<void> {
    const first = await this.#sort(scanned);
    this.#add({ settled: first.settled.length, inFlight: first.inFlight.length });
    const suspects = [...first.excluded.values(), ...first.orphans.values()].flat();
    if (suspects.length === 0) return;
    const current = await this.#ports.claims.readClaims(suspects.map(({ claimKey }) => claimKey));
    const second = await this.#sort([...current.values()]);
    this.#add({ settled: second.settled.length, inFlight: second.inFlight.length });
    for (const [batchId, claims] of second.excluded) this.#addEvents('excluded', batchId, claims);
    await this.#settleOrphans(second.orphans);
  }

  async reconcileRecords(records: readonly FlowRunRecord[]): Promise<void> {
    const { present, absent } = await this.#lookup.existing(records.map(({ batchId }) => batchId));
    const runsIndeterminate = records.length - present.size - absent.size;
    this.#add({ runsFound: present.size, runsIndeterminate });
    // A run that superseded a batch held no event that could be missed.
    const missed = records.filter(({ batchId, members }) => absent.has(batchId) && members.length > 0);
    for (const record of missed) await this.#addDeletedRun(record);
  }

  /** Deleting a deployment deletes its Scheduled runs, and with them the only copy of their events. */
  async #addDeletedRun({ batchId, flowRunId, members, deadCode }: FlowRunRecord): Promise<void> {
    const withDeployment =
      deadCode === null && (await this.#lookup.isDeploymentDeleted(deploymentIdOf(batchId))) === true;
    const kind = withDeployment ? 'run-deleted-with-deployment' : 'run-deleted';
    const finding = {
      ...toFinding(kind, batchId, []),
      flowRunId,
      events: members.length,
      detail: DETAIL[kind],
    };
    this.#add({
      runsDeleted: 1,
      runsDeletedWithDeployment: withDeployment ? 1 : 0,
      findings: [finding],
    });
  }

  async #sort(claims: readonly Claim[]): Promise<SortedClaims> {
    const batchIds = new Set(claims.map(({ batchId }) => batchId));
    const records: ReadonlyMap<string, RecordedBatch> =
      batchIds.size === 0 ? new Map() : await this.#ports.records.readRecords([...batchIds]);
    return sortClaims(claims, records, this.#nowEpochSeconds);
  }

  async #settleOrphans(orphans: SortedClaims['orphans']): Promise<void> {
    // A batch of a window has no key of its own in Prefect: only the runs of the window have.
    const forRuns = [...orphans.keys()].filter((batchId) => destinationOf(batchId) === 'run');
    const { absent, present, outage } = await this.#lookup.existing(forRuns);
    const found: FlowRunRecord[] = [];
    for (const [batchId, claims] of orphans) {
      if (absent.has(batchId) || destinationOf(batchId) === 'window') {
        this.#addEvents('uncreated', batchId, claims);
      } else if (present.has(batchId)) {
        const answer = await this.#lookup.findRun(batchId);
        if (answer.kind === 'run') found.push(answer.record);
        else if (answer.kind === 'none') this.#addEvents('uncreated', batchId, claims);
        else this.#addEvents('indeterminate', batchId, claims, { detail: answer.detail });
      } else {
        this.#addEvents('indeterminate', batchId, claims, { detail: outage?.detail ?? null });
      }
    }
    await this.#recordRuns(found, orphans);
  }

  /** Write the records, and read them: a record whose writing is indeterminate may be there, and a dry run writes none. */
  async #recordRuns(found: readonly FlowRunRecord[], orphans: SortedClaims['orphans']): Promise<void> {
    if (found.length === 0) return;
    const { recordWriter, records } = this.#ports;
    await recordWriter.writeRecords(
      found.map((record) => {
        const claims = orphans.get(record.batchId) ?? [];
        return { ...record, expiresAtEpochSeconds: this.#recordExpiry(claims) };
      }),
    );
    const stored = await records.readRecords(found.map(({ batchId }) => batchId));
    for (const record of found) {
      const { batchId, flowRunId } = record;
      const claims = orphans.get(batchId) ?? [];
      const { settled, excluded } = sortClaims(claims, new Map([[batchId, record]]), this.#nowEpochSeconds);
      const isWritten = stored.has(batchId);
      const detail = isWritten ? 'its record was written now' : 'its record is not written';
      if (settled.length > 0) this.#addEvents('record-missing', batchId, settled, { flowRunId, detail });
      for (const each of excluded.values()) this.#addEvents('excluded', batchId, each, { flowRunId });
      this.#add({ recordsWritten: isWritten ? 1 : 0 });
    }
  }

  /** Other claims of the batch may be on other pages; none of them lives longer than a claim that is made now. */
  #recordExpiry(claims: readonly Claim[]): number {
    const retentionSeconds = this.#config.routes.map(({ dedupe }) => dedupe.retentionSeconds);
    const ofNewClaims = this.#nowEpochSeconds + Math.max(0, ...retentionSeconds);
    const ofClaims = claims.map(({ expiresAtEpochSeconds }) => expiresAtEpochSeconds);
    return Math.max(ofNewClaims, ...ofClaims) + RECORD_OUTLIVES_CLAIM_SECONDS;
  }

  #addEvents(
    kind: EventFindingKind,
    batchId: string,
    claims: readonly Claim[],
    facts: Partial<Pick<ClaimFinding, 'flowRunId' | 'detail'>> = {},
  ): void {
    const awaiting = awaitsRedelivery(kind) ? claims : [];
    const stuck = awaiting.filter((claim) => this.#isOlderThan(STUCK_SECONDS, claim)).length;
    const unrecoverable = awaiting.filter((claim) =>
      this.#isOlderThan(REDELIVERY_HORIZON_SECONDS, claim),
    ).length;
    const isUnrecoverable = unrecoverable > 0 && unrecoverable === claims.length;
    const findings = [{ ...toFinding(kind, batchId, claims), isUnrecoverable, ...facts }];
    this.#add({ [COUNTER_OF_KIND[kind]]: claims.length, stuck, unrecoverable, findings });
  }

  #isOlderThan(seconds: number, { leaseUntilEpochSeconds }: Claim): boolean {
    return leaseUntilEpochSeconds + seconds <= this.#nowEpochSeconds;
  }

  #add(part: Partial<ClaimsReport>): void {
    this.report = addClaims(this.report, { ...EMPTY_CLAIMS_REPORT, ...part });
  }
}

/** The kinds of findings about claims; the others are about records. */
type EventFindingKind = Exclude<ClaimFindingKind, 'run-deleted' | 'run-deleted-with-deployment'>;

const DETAIL = {
  'run-deleted': 'the run was created, and has been deleted in Prefect since',
  'run-deleted-with-deployment':
    'its deployment was deleted, and with it every run that had not started: unless it had, its events are in no flow run, and have to be sent again',
} as const;

const COUNTER_OF_KIND = {
  'record-missing': 'recordMissing',
  'uncreated': 'uncreated',
  'excluded': 'excluded',
  'indeterminate': 'indeterminate',
} as const satisfies Record<EventFindingKind, keyof ClaimsReport>;

/** Return whether the source has to redeliver the events of such a finding. */
function awaitsRedelivery(kind: ClaimFindingKind): boolean {
  return kind === 'uncreated' || kind === 'excluded';
}

function toFinding(kind: ClaimFindingKind, batchId: string, claims: readonly Claim[]): ClaimFinding {
  const [first] = claims;
  return {
    kind,
    batchId,
    route: first === undefined ? null : routeOfClaim(first.claimKey),
    events: claims.length,
    claimKeys: claims.slice(0, CLAIM_KEYS_PER_FINDING).map(({ claimKey }) => claimKey),
    flowRunId: null,
    claimedBeforeEpochSeconds:
      first === undefined
        ? null
        : Math.max(...claims.map(({ leaseUntilEpochSeconds }) => leaseUntilEpochSeconds)),
    isUnrecoverable: false,
    detail: null,
  };
}
