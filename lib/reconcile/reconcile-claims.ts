/**
 * Compares one page of the table with what Prefect has.
 *
 *   scan ──▶ records ──▶ claims again ──▶ records again ──▶ counts, and the runs that are there ──▶ records written
 *   │                    └──────┬───────────────────┘
 *   behind by a little:         of the few that look wrong: what they are in truth
 *   most are settled
 *
 * A run that is there without its record is recorded, with the members that its label names, as any worker would. That
 * a run is not there is reported and changes nothing: a request of somebody slow may still make it, and its events are
 * with their source, since Sluice never acknowledged them.
 */
import type { FlowRunRecord, Claim, RecordedBatch } from '../ports.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { destinationOf } from '../batching/batch-id.ts';
import { routeOfClaim } from '../routing/member.ts';
import {
  addClaims,
  CLAIM_KEYS_PER_FINDING,
  NO_CLAIMS,
  type ClaimFinding,
  type ClaimFindingKind,
  type ClaimsReport,
} from './findings.ts';
import type { PrefectInquiry } from './prefect-inquiry.ts';
import { RECORD_OUTLIVES_CLAIM_SECONDS } from '../protocol/create-run.ts';
import type { ReconcilePorts, TablePage } from './reconcile-ports.ts';
import { sortClaims, type SortedClaims } from './sorted-claims.ts';

export type ClaimPorts = Pick<ReconcilePorts, 'claims' | 'records' | 'recordWriter' | 'clock'>;

/** SQS keeps messages for 14 days at most, and of a topic what is not committed is rarely older. */
const REDELIVERY_HORIZON_SECONDS = 14 * 86_400;

export async function reconcilePage(
  page: TablePage,
  config: CompiledConfig,
  ports: ClaimPorts,
  inquiry: PrefectInquiry,
): Promise<ClaimsReport> {
  const reconciliation = new PageReconciliation(config, ports, inquiry);
  await reconciliation.reconcileClaims(page.claims);
  await reconciliation.reconcileRecords(page.records);
  return reconciliation.report;
}

class PageReconciliation {
  report: ClaimsReport = NO_CLAIMS;
  readonly #config: CompiledConfig;
  readonly #ports: ClaimPorts;
  readonly #inquiry: PrefectInquiry;
  readonly #nowEpochSeconds: number;

  constructor(config: CompiledConfig, ports: ClaimPorts, inquiry: PrefectInquiry) {
    this.#config = config;
    this.#ports = ports;
    this.#inquiry = inquiry;
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
    for (const [batchId, claims] of second.excluded) this.#addEvents('left-behind', batchId, claims);
    await this.#settleOrphans(second.orphans);
  }

  async reconcileRecords(records: readonly FlowRunRecord[]): Promise<void> {
    const { present, absent } = await this.#inquiry.presenceOf(records.map(({ batchId }) => batchId));
    const runsIndeterminate = records.length - present.size - absent.size;
    this.#add({ runsThere: present.size, runsIndeterminate });
    for (const { batchId, flowRunId } of records.filter((record) => absent.has(record.batchId))) {
      const detail = 'the run was made, and has been deleted in Prefect since';
      const findings = [{ ...findingOf('run-gone', batchId, []), flowRunId, detail }];
      this.#add({ runsGone: 1, findings });
    }
  }

  async #sort(claims: readonly Claim[]): Promise<SortedClaims> {
    const batchIds = new Set(claims.map(({ batchId }) => batchId));
    const records: ReadonlyMap<string, RecordedBatch> =
      batchIds.size === 0 ? new Map() : await this.#ports.records.readRecords([...batchIds]);
    return sortClaims(claims, records, this.#nowEpochSeconds);
  }

  async #settleOrphans(orphans: SortedClaims['orphans']): Promise<void> {
    // What was claimed for a window is in Prefect under the names of the window's runs only.
    const forRuns = [...orphans.keys()].filter((batchId) => destinationOf(batchId) === 'run');
    const { absent, present, indeterminate } = await this.#inquiry.presenceOf(forRuns);
    const found: FlowRunRecord[] = [];
    for (const [batchId, claims] of orphans) {
      if (absent.has(batchId) || destinationOf(batchId) === 'window') {
        this.#addEvents('not-created', batchId, claims);
      } else if (present.has(batchId)) {
        const result = await this.#inquiry.findRun(batchId);
        if (result.kind === 'run') found.push(result.record);
        else if (result.kind === 'none') this.#addEvents('not-created', batchId, claims);
        else this.#addEvents('indeterminate', batchId, claims, { detail: result.detail });
      } else {
        this.#addEvents('indeterminate', batchId, claims, { detail: indeterminate?.detail ?? null });
      }
    }
    await this.#recordRuns(found, orphans);
  }

  /** Whether a record is there now is read, never inferred: nobody answers for its writing. */
  async #recordRuns(found: readonly FlowRunRecord[], orphans: SortedClaims['orphans']): Promise<void> {
    if (found.length === 0) return;
    const { recordWriter, records } = this.#ports;
    await recordWriter.writeRecords(
      found.map((record) => {
        const claims = orphans.get(record.batchId) ?? [];
        return { ...record, expiresAtEpochSeconds: this.#expiryOf(claims) };
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
      for (const behind of excluded.values()) this.#addEvents('left-behind', batchId, behind, { flowRunId });
      this.#add({ recordsWritten: isWritten ? 1 : 0 });
    }
  }

  /** Other claims of the batch may be elsewhere in the table; none lives longer than one that is made now. */
  #expiryOf(claims: readonly Claim[]): number {
    const retentionSeconds = this.#config.routes.map(({ dedupe }) => dedupe.retentionSeconds);
    const ofNewClaims = this.#nowEpochSeconds + Math.max(0, ...retentionSeconds);
    const ofClaims = claims.map(({ expiresAtEpochSeconds }) => expiresAtEpochSeconds);
    return Math.max(ofNewClaims, ...ofClaims) + RECORD_OUTLIVES_CLAIM_SECONDS;
  }

  #addEvents(
    kind: Exclude<ClaimFindingKind, 'run-gone'>,
    batchId: string,
    claims: readonly Claim[],
    facts: Partial<Pick<ClaimFinding, 'flowRunId' | 'detail'>> = {},
  ): void {
    const missed = claims.filter((claim) => isAwaited(kind) && this.#isMissed(claim)).length;
    const isMissed = missed > 0 && missed === claims.length;
    const findings = [{ ...findingOf(kind, batchId, claims), isMissed, ...facts }];
    this.#add({ [COUNTED_AS[kind]]: claims.length, missed, findings });
  }

  #isMissed({ leaseUntilEpochSeconds }: Claim): boolean {
    return leaseUntilEpochSeconds + REDELIVERY_HORIZON_SECONDS <= this.#nowEpochSeconds;
  }

  #add(part: Partial<ClaimsReport>): void {
    this.report = addClaims(this.report, { ...NO_CLAIMS, ...part });
  }
}

const COUNTED_AS = {
  'record-missing': 'recordMissing',
  'not-created': 'notCreated',
  'left-behind': 'excluded',
  'indeterminate': 'indeterminate',
} as const satisfies Record<Exclude<ClaimFindingKind, 'run-gone'>, keyof ClaimsReport>;

/** Of these the source has to deliver again. */
function isAwaited(kind: ClaimFindingKind): boolean {
  return kind === 'not-created' || kind === 'left-behind';
}

function findingOf(kind: ClaimFindingKind, batchId: string, claims: readonly Claim[]): ClaimFinding {
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
    isMissed: false,
    detail: null,
  };
}
