/**
 * Identity of a batch: its batch id and, with it, Prefect's idempotency key. Ids are hashes, since they are made of keys
 * that senders choose.
 *
 * An id must never come back: Prefect keeps the run of a key for as long as it likes, and would answer a new batch with
 * an old run. So an id names everything that tells batches apart: the installation (two stacks on one Prefect), the
 * route, and each member with its origin (the same key again, after its claim has expired).
 */
import { hash } from 'node:crypto';
import { withLength, type DeliveredMember, type Member } from '../routing/member.ts';

/** Where a batch goes. The id says so permanently: what was begun one way must not be finished the other way. */
export type Destination = 'run' | 'window';

/** The part that all ids of one route in one installation have in common. */
export interface BatchScope {
  /** ARN of the table that keeps the claims: two stacks, or a stack with a new table, never share a run. */
  readonly installation: string;
  readonly route: string;
  readonly destination: Destination;
}

/**
 * Name a batch of events whose claims are inserted now: `<deployment reference>.<hash>`. The same deliveries in any
 * order make the same id, so an identical redelivery finds its own batch.
 */
export function firstBatchId(
  deploymentRef: string,
  scope: BatchScope,
  members: readonly DeliveredMember[],
): string {
  const pairs = members.map(({ claimKey, origin }) => [claimKey, origin].map(withLength).join('')).sort();
  return batchIdOf(deploymentRef, scope, ['first', ...pairs]);
}

/**
 * Name a batch of events whose claims move away from the batches `predecessors`. Those ids are used up in Prefect, even
 * for the same members, and a claim leaves a batch once, so the new id is one that no batch had before.
 */
export function nextBatchId(
  deploymentRef: string,
  scope: BatchScope,
  members: readonly Member[],
  predecessors: readonly string[],
): string {
  const olds = [...new Set(predecessors)].sort();
  const keys = members.map(({ claimKey }) => claimKey).sort();
  return batchIdOf(deploymentRef, scope, ['next', String(olds.length), ...olds, ...keys]);
}

function batchIdOf(
  deploymentRef: string,
  { installation, route, destination }: BatchScope,
  parts: readonly string[],
): string {
  const digest = hash('sha256', [installation, route, ...parts].map(withLength).join(''), 'base64url');
  return `${deploymentRef}.${destination === 'window' ? WINDOW_MARK : ''}${digest}`;
}

const WINDOW_MARK = 'w.';

export function destinationOf(batchId: string): Destination {
  return batchId.startsWith(WINDOW_MARK, batchId.indexOf('.') + 1) ? 'window' : 'run';
}

/** Return the deployment that a batch was formed for, whatever the configuration says today. */
export function deploymentRefOf(batchId: string): string {
  return batchId.slice(0, batchId.indexOf('.'));
}

/** Name the run number `part` of a window, for the deployment that it is created for: `<deployment reference>.p<part>.<hash>`. */
export function partBatchId(
  deploymentRef: string,
  installation: string,
  windowId: string,
  part: number,
): string {
  const digest = hash('sha256', [installation, windowId, String(part)].map(withLength).join(''), 'base64url');
  return `${deploymentRef}.p${part}.${digest}`;
}

/** Tell whether a batch is one of the runs of this window, whatever deployment it was created for. */
export function isPartOf(batchId: string, installation: string, windowId: string): boolean {
  const [deploymentRef = '', part] = /^([\w-]+)\.p(\d+)\./.exec(batchId)?.slice(1) ?? [];
  return part !== undefined && partBatchId(deploymentRef, installation, windowId, Number(part)) === batchId;
}
