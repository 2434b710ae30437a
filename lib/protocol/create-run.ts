/**
 * Create the flow run of one batch (docs/protocol.md, Claims, `create`). What is sent may shrink when Prefect refuses it;
 * the key under which it is sent never changes. The key names a deployment, and parameters are rendered for the one that
 * the route names today: a batch of another deployment is superseded.
 */
import type { FlowRunRecord, FlowRunResult } from '../ports.ts';
import { perform, type Program } from './effects.ts';
import { deploymentRefOf } from '../batching/batch-id.ts';
import { type Member } from '../routing/member.ts';
import { retryCodeOf, type SettlementLedger } from './settlement.ts';

/** Records outlive the claims that point to them by this much, whatever two clocks disagree on. */
export const RECORD_OUTLIVES_CLAIM_SECONDS = 7 * 86_400;

export interface CreateContext {
  /** The deployment that the route names today. */
  readonly deploymentRef: string;
  /** The latest expiry among the claims that name the batch. */
  readonly claimsExpireAtEpochSeconds: number;
  /** A dead run that is there already leaves everybody behind: its key is used up. Default: false. */
  readonly isRedrive?: boolean;
  /** So many of the members go into the run, at most. Default: all, since a batch was formed within the caps. */
  readonly sentFirst?: number;
}

type Refusal = Extract<FlowRunResult, { kind: 'refused' }>;

/** Members that are in no run of this batch and have to be claimed anew, for this deployment. */
export interface Excluded {
  readonly members: readonly Member[];
  readonly deploymentRef: string;
}

/** Creates or gets the run of a batch with the members in hand; settles them, and returns the excluded members. */
export function* createBatch(
  batchId: string,
  members: readonly Member[],
  context: CreateContext,
  ledger: SettlementLedger,
): Program<Excluded> {
  const none: Excluded = { members: [], deploymentRef: context.deploymentRef };
  if (members.length === 0) return none;
  if (deploymentRefOf(batchId) !== context.deploymentRef) {
    const today = yield* resolveDeployment(members, ledger);
    if (today === null) return none;
    if (today !== deploymentRefOf(batchId)) {
      return yield* supersedeBatch(batchId, members, { ...context, deploymentRef: today }, ledger);
    }
  }
  let sent = members.slice(0, context.sentFirst);
  while (sent.length > 0) {
    const result = yield* createRun(batchId, sent);
    switch (result.kind) {
      case 'run':
        if (isUsedUp(result.record, context)) return { members, deploymentRef: context.deploymentRef };
        return yield* recordRun(result.record, members, context, ledger);
      case 'unavailable':
        ledger.leaveUnavailable(members, result);
        return none;
      case 'deployment-gone':
        return yield* moveToCurrentDeployment(batchId, members, ledger, none);
      case 'refused': {
        const [first] = sent;
        if (sent.length > 1 || first === undefined) sent = sent.slice(0, Math.ceil(sent.length / 2));
        else return yield* settlePoison(batchId, first, result, members, context, ledger);
      }
    }
  }
  return none;
}

/**
 * The deployment that the batch was formed for is not the one that the route names today, and what the route renders
 * today is not what that deployment takes. Nothing can be said of a request that may still land, so the key is settled
 * first. If a run is there already it stands; else all events are claimed for today's deployment.
 */
function* supersedeBatch(
  batchId: string,
  members: readonly Member[],
  context: CreateContext,
  ledger: SettlementLedger,
): Program<Excluded> {
  const none: Excluded = { members: [], deploymentRef: context.deploymentRef };
  const deploymentRef = deploymentRefOf(batchId);
  const { result: settled } = yield* perform({ kind: 'supersede-batch', batchId, deploymentRef });
  const result = yield* findInstead(batchId, settled);
  switch (result.kind) {
    case 'run':
      if (isUsedUp(result.record, context)) return { members, deploymentRef: context.deploymentRef };
      return yield* recordRun(result.record, members, context, ledger);
    case 'deployment-gone':
      return { members, deploymentRef: context.deploymentRef };
    case 'unavailable':
      ledger.leaveUnavailable(members, result);
      return none;
    case 'refused':
      ledger.leave(members, 'prefect-unavailable', `${result.detail}; Prefect could not supersede its batch`);
      return none;
  }
}

function* createRun(batchId: string, members: readonly Member[]): Program<FlowRunResult> {
  const deploymentRef = deploymentRefOf(batchId);
  const { result } = yield* perform({ kind: 'create-run', batchId, deploymentRef, members });
  return yield* findInstead(batchId, result);
}

/** A refusal, or a deployment that is gone, may meet a run that exists: the flow's schema changed since. */
function* findInstead(batchId: string, result: FlowRunResult): Program<FlowRunResult> {
  if (result.kind !== 'refused' && result.kind !== 'deployment-gone') return result;
  const { result: found } = yield* perform({ kind: 'find-run', batchId });
  return found.kind === 'none' ? result : found;
}

/** A redrive is for events that died: a dead run under the key is an earlier one, and leaves all of them behind. */
function isUsedUp({ deadCode }: FlowRunRecord, { isRedrive = false }: CreateContext): boolean {
  return isRedrive && deadCode !== null;
}

/** The run that Prefect returns is the truth, whichever request created it: its label says which members are in it. */
function* recordRun(
  record: FlowRunRecord,
  members: readonly Member[],
  context: CreateContext,
  ledger: SettlementLedger,
  reason: string | null = null,
): Program<Excluded> {
  const expiresAtEpochSeconds = context.claimsExpireAtEpochSeconds + RECORD_OUTLIVES_CLAIM_SECONDS;
  const { isWritten } = yield* perform({
    kind: 'write-record',
    record: { ...record, expiresAtEpochSeconds },
  });
  const excluded = ledger.settleFrom(record, members, 'created', reason);
  // Prefect's retention may delete the run while the claims still live: an acknowledged event needs its record.
  if (!isWritten) {
    const included = members.filter((member) => !excluded.includes(member));
    ledger.leave(
      included,
      'record-not-written',
      'its flow run exists, and the record of it could not be written',
    );
  }
  return { members: excluded, deploymentRef: context.deploymentRef };
}

/** The poison event stands alone. If the answer is alive, a late request has made the run after all. */
function* settlePoison(
  batchId: string,
  poison: Member,
  { code = 'refused-by-prefect', detail: reason }: Refusal,
  members: readonly Member[],
  context: CreateContext,
  ledger: SettlementLedger,
): Program<Excluded> {
  const deploymentRef = deploymentRefOf(batchId);
  const { result } = yield* perform({
    kind: 'create-dead-run',
    batchId,
    deploymentRef,
    member: poison,
    code,
    reason,
  });
  if (result.kind === 'run') return yield* recordRun(result.record, members, context, ledger, reason);
  const retryCode = result.kind === 'unavailable' ? retryCodeOf(result) : 'prefect-unavailable';
  ledger.leave(members, retryCode, `${reason}; Prefect could not settle the refusal`);
  return { members: [], deploymentRef: context.deploymentRef };
}

/**
 * The deployment that the batch was formed for was deleted and no run has its key. Nothing can land under that key
 * any more, since it is only ever sent to that deployment: its events are claimed for the one that the route names now.
 */
function* moveToCurrentDeployment(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
  none: Excluded,
): Program<Excluded> {
  const today = yield* resolveDeployment(members, ledger);
  if (today === null) return none;
  if (today !== deploymentRefOf(batchId)) return { members, deploymentRef: today };
  ledger.leave(members, 'deployment-not-found', 'Prefect answers 404 to a deployment that it lists');
  return none;
}

/** Ask Prefect anew which deployment the route names. Return null, with the members left, when there is none to be had. */
function* resolveDeployment(members: readonly Member[], ledger: SettlementLedger): Program<string | null> {
  const { result } = yield* perform({ kind: 'resolve-deployment' });
  switch (result.kind) {
    case 'unavailable':
      ledger.leaveUnavailable(members, result);
      return null;
    case 'not-found':
      ledger.leave(members, 'deployment-not-found', 'the deployment does not exist in Prefect');
      return null;
    case 'deployment':
      return result.deploymentRef;
  }
}
