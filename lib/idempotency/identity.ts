/**
 * Names that never change: of an event on a route (claim key, member id) and of a batch (batch id, and with it
 * Prefect's idempotency key). All are hashes, since ids are chosen by strangers and may be megabytes long.
 */
import { hash } from 'node:crypto';

/** One event of a batch, as the claim protocol sees it. */
export interface Member {
  readonly claimKey: string;
  /** The first 64 bits of the key's hash, base64url: 11 characters. Lists of them travel in run labels. */
  readonly memberId: string;
}

/**
 * `parts` tell the event from every other on this route. Each part goes in with its length: `["/a", "b1"]` and
 * `["/ab", "1"]` are different events.
 */
export function memberOf(route: string, parts: readonly string[]): Member {
  const digest = hash('sha256', parts.map(withLength).join(''), 'base64url');
  return { claimKey: `C#${route}#${digest}`, memberId: first64Bits(digest) };
}

/** Of a claim that is read from the table: its key says which member it is of. */
export function memberOfClaim(claimKey: string): Member {
  return { claimKey, memberId: first64Bits(claimKey.slice(claimKey.lastIndexOf('#') + 1)) };
}

/** Names of routes hold no `#`. */
export function routeOfClaim(claimKey: string): string {
  return claimKey.split('#', 2)[1] ?? '';
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Of base64url text: ten characters and four bits of the next. In text, since a third of the time would go into bytes. */
function first64Bits(digest: string): string {
  return digest.slice(0, 10) + BASE64URL.charAt(BASE64URL.indexOf(digest.charAt(10)) & 0b111100);
}

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

function withLength(part: string): string {
  return `${part.length}:${part}`;
}
