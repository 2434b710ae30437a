/**
 * The creation of one batch's flow run: section 1 `create` of the claim protocol. What is sent may shrink when
 * Prefect refuses it; the key under which it is sent never changes.
 */
import type { BatchRecord, FlowRunAnswer } from '../ports.ts';
import { ask, type Asking } from './effects.ts';
import { deploymentRefOf } from '../batching/batch-id.ts';
import { type Member } from '../routing/member.ts';
import { retryCodeOf, type SettlementLedger } from './settlement.ts';

/** Records outlive the claims that point to them by this much, whatever two clocks disagree on. */
export const RECORD_OUTLIVES_CLAIM_SECONDS = 86_400;

export interface CreationTerms {
  /** The deployment that the route names today. */
  readonly deploymentRef: string;
  /** The latest expiry among the claims that name the batch. */
  readonly claimsExpireAtEpochSeconds: number;
  /** A dead run that is there already leaves everybody behind: its key is used up. Default: false. */
  readonly isRedrive?: boolean;
  /** So many of the members go into the run, at most. Default: all, since a batch was formed within the caps. */
  readonly sentFirst?: number;
}

/** Members that are in no run of this batch and have to be claimed anew, for this deployment. */
export interface LeftBehind {
  readonly members: readonly Member[];
  readonly deploymentRef: string;
}

/** Creates or gets the run of a batch with the members in hand; settles them, and returns whom it left behind. */
export function* createBatch(
  batchId: string,
  members: readonly Member[],
  terms: CreationTerms,
  ledger: SettlementLedger,
): Asking<LeftBehind> {
  const nobody: LeftBehind = { members: [], deploymentRef: terms.deploymentRef };
  let sent = members.slice(0, terms.sentFirst);
  while (sent.length > 0) {
    const answer = yield* createRun(batchId, sent);
    switch (answer.kind) {
      case 'run':
        if (terms.isRedrive === true && answer.record.deadCode !== null)
          return { members, deploymentRef: terms.deploymentRef };
        return yield* recordRun(answer.record, members, terms, ledger);
      case 'unavailable':
        ledger.leave(members, retryCodeOf(answer), answer.detail);
        return nobody;
      case 'deployment-gone':
        return yield* moveToCurrentDeployment(batchId, members, ledger, nobody);
      case 'refused': {
        const [first] = sent;
        if (sent.length > 1 || first === undefined) sent = sent.slice(0, Math.ceil(sent.length / 2));
        else return yield* settlePoison(batchId, first, answer.detail, members, terms, ledger);
      }
    }
  }
  return nobody;
}

/** A refusal, or a deployment that is gone, may meet a run that exists: the flow's schema changed since. */
function* createRun(batchId: string, members: readonly Member[]): Asking<FlowRunAnswer> {
  const deploymentRef = deploymentRefOf(batchId);
  const { answer } = yield* ask({ kind: 'create-run', batchId, deploymentRef, members });
  if (answer.kind !== 'refused' && answer.kind !== 'deployment-gone') return answer;
  const { answer: found } = yield* ask({ kind: 'find-run', batchId });
  return found.kind === 'none' ? answer : found;
}

/** The answer is the truth, whoever created the run: its label says who is in. */
function* recordRun(
  record: BatchRecord,
  members: readonly Member[],
  terms: CreationTerms,
  ledger: SettlementLedger,
  reason: string | null = null,
): Asking<LeftBehind> {
  const expiresAtEpochSeconds = terms.claimsExpireAtEpochSeconds + RECORD_OUTLIVES_CLAIM_SECONDS;
  yield* ask({ kind: 'write-record', record: { ...record, expiresAtEpochSeconds } });
  return {
    members: ledger.settleFrom(record, members, 'created', reason),
    deploymentRef: terms.deploymentRef,
  };
}

/** The poison event stands alone. If the answer is alive, a late request has made the run after all. */
function* settlePoison(
  batchId: string,
  poison: Member,
  reason: string,
  members: readonly Member[],
  terms: CreationTerms,
  ledger: SettlementLedger,
): Asking<LeftBehind> {
  const deploymentRef = deploymentRefOf(batchId);
  const { answer } = yield* ask({ kind: 'create-dead-run', batchId, deploymentRef, member: poison, reason });
  if (answer.kind === 'run') return yield* recordRun(answer.record, members, terms, ledger, reason);
  const code = answer.kind === 'unavailable' ? retryCodeOf(answer) : 'prefect-unavailable';
  ledger.leave(members, code, `${reason}; Prefect could not settle the refusal`);
  return { members: [], deploymentRef: terms.deploymentRef };
}

/**
 * The deployment that the batch was formed for was deleted and no run has its key. Nothing can land under that key
 * any more, since it is only ever sent to that deployment: its events are claimed for the one that the route names now.
 */
function* moveToCurrentDeployment(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
  nobody: LeftBehind,
): Asking<LeftBehind> {
  const { answer } = yield* ask({ kind: 'resolve-deployment' });
  switch (answer.kind) {
    case 'unavailable':
      ledger.leave(members, retryCodeOf(answer), answer.detail);
      return nobody;
    case 'not-found':
      ledger.leave(members, 'deployment-not-found', 'the deployment does not exist in Prefect');
      return nobody;
    case 'deployment':
      if (answer.deploymentRef !== deploymentRefOf(batchId))
        return { members, deploymentRef: answer.deploymentRef };
      ledger.leave(members, 'deployment-not-found', 'Prefect answers 404 to a deployment that it lists');
      return nobody;
  }
}
