/**
 * Identity of a batch: its batch id and, with it, Prefect's idempotency key. It is a hash, since it is made of keys that
 * senders choose.
 */
import { hash } from 'node:crypto';
import { withLength, type Member } from '../routing/member.ts';

/**
 * `<deployment reference>.<hash of the route and its members, in key order>`: the same events in any order make
 * the same batch. Events that leave a batch behind go to a batch of their own, named after that one too:
 * the name of the old batch is used up in Prefect, even for the same members. Of several old batches (a redrive) the
 * predecessor is all their ids in order, with a space between.
 */
export function newBatchId(
  deploymentRef: string,
  route: string,
  members: readonly Member[],
  predecessorBatchId: string | null,
  destination: Destination = 'run',
): string {
  const keys = members.map((member) => member.claimKey).sort();
  const text = [route, predecessorBatchId ?? '', ...keys].map(withLength).join('');
  const mark = destination === 'window' ? WINDOW_MARK : '';
  return `${deploymentRef}.${mark}${hash('sha256', text, 'base64url')}`;
}

/** Where a batch goes. Its id says it for ever: what is half done on one way must not be begun on the other. */
export type Destination = 'run' | 'window';

const WINDOW_MARK = 'w.';

export function destinationOf(batchId: string): Destination {
  return batchId.startsWith(WINDOW_MARK, batchId.indexOf('.') + 1) ? 'window' : 'run';
}

/** The deployment that a batch was formed for, whatever the configuration says today. */
export function deploymentRefOf(batchId: string): string {
  return batchId.slice(0, batchId.indexOf('.'));
}
