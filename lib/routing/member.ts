/**
 * Identity of an event on a route: its claim key and its member id. Both are hashes, since senders choose the ids of
 * events and an id may be megabytes long.
 */
import { hash } from 'node:crypto';

/** A member is an event on a route, as the claim protocol sees it. */
export interface Member {
  readonly claimKey: string;
  /** The first 64 bits of the key's hash, base64url: 11 characters. Lists of them travel in run labels. */
  readonly memberId: string;
}

/** A member as it is delivered now. */
export interface DeliveredMember extends Member {
  /**
   * The record that brought it (an SQS message id, a Kafka topic, partition and offset): the same at every redelivery,
   * and another one when the same key is sent again.
   */
  readonly origin: string;
}

/**
 * `parts` tell the event from every other on this route. Each part goes in with its length: `["/a", "b1"]` and
 * `["/ab", "1"]` are different events.
 */
export function memberOf(route: string, parts: readonly string[]): Member {
  const digest = hash('sha256', parts.map(withLength).join(''), 'base64url');
  return { claimKey: `C#${route}#${digest}`, memberId: first64Bits(digest) };
}

/** Return the member that a claim of the table stands for, by its key. */
export function memberOfClaim(claimKey: string): Member {
  return { claimKey, memberId: first64Bits(claimKey.slice(claimKey.lastIndexOf('#') + 1)) };
}

/** Names of routes hold no `#`. */
export function routeOfClaim(claimKey: string): string {
  return claimKey.split('#', 2)[1] ?? '';
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Cut base64url text to ten characters and four bits of the next. Decoding it to bytes would take a third of the time. */
function first64Bits(digest: string): string {
  return digest.slice(0, 10) + BASE64URL.charAt(BASE64URL.indexOf(digest.charAt(10)) & 0b111100);
}

/** Prefix a part with its length, so that neighboring parts cannot be confused: `["a", "b1"]` and `["ab", "1"]` differ. */
export function withLength(part: string): string {
  return `${part.length}:${part}`;
}
