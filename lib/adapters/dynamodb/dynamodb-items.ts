/**
 * The shape of the items of claims and of batches that became runs; those of windows are in
 * `dynamodb-window-items.ts` and `dynamodb-chunk-items.ts`. Attribute names are short, since a write unit is 1 KiB and storage is paid
 * for by the byte: an item's size is the bytes of its names and values.
 *
 * | attribute | claim | batch record |
 * | --- | --- | --- |
 * | `pk` | `C#<route>#<hash>` | `B#<batch id>` |
 * | `b` | batch id | |
 * | `l` | lease, epoch seconds | |
 * | `m` | | members, 8 bytes each |
 * | `f` | | flow run id |
 * | `d` | | why it was dead-lettered; absent on a live run |
 * | `expires` | epoch seconds, the table's TTL attribute | the same |
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { FlowRunRecord, Claim, StoredFlowRunRecord } from '../../ports.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

const MEMBER_BYTES = 8;
export const CLAIM_KEY_PREFIX = 'C#';
export const BATCH_KEY_PREFIX = 'B#';

/** An item that Sluice did not write, or a member id that is not 64 bits: never read around, always thrown. */
export class MalformedItemError extends Error {
  override readonly name = 'MalformedItemError';
  /** The partition key of the item. */
  readonly key: string;

  constructor(key: string, detail: string) {
    super(`Item ${key}: ${detail}`);
    this.key = key;
  }
}

export function claimItem(claim: Claim): Record<'pk' | 'b' | 'l' | 'expires', AttributeValue> {
  return {
    pk: { S: claim.claimKey },
    b: { S: claim.batchId },
    l: { N: String(claim.leaseUntilEpochSeconds) },
    expires: { N: String(claim.expiresAtEpochSeconds) },
  };
}

export function claimOf(item: Item): Claim {
  const claimKey = stringOf(item, 'pk');
  return {
    claimKey,
    batchId: stringOf(item, 'b'),
    leaseUntilEpochSeconds: numberOf(item, 'l'),
    expiresAtEpochSeconds: numberOf(item, 'expires'),
  };
}

export function batchRecordKey(batchId: string): string {
  return BATCH_KEY_PREFIX + batchId;
}

export function batchRecordItem(record: StoredFlowRunRecord): Item {
  const key = batchRecordKey(record.batchId);
  return {
    pk: { S: key },
    m: { B: bytesOfMembers(key, record.members) },
    f: { S: record.flowRunId },
    ...(record.deadCode === null ? {} : { d: { S: record.deadCode } }),
    expires: { N: String(record.expiresAtEpochSeconds) },
  };
}

/** What of an item `batchRecordOf` reads. */
export const BATCH_RECORD_ATTRIBUTES = ['pk', 'm', 'f', 'd'] as const;

export function batchRecordOf(item: Item): FlowRunRecord {
  return {
    kind: 'flow-run',
    batchId: batchIdOf(item),
    flowRunId: stringOf(item, 'f'),
    members: membersOfItem(item),
    deadCode: item['d'] === undefined ? null : stringOf(item, 'd'),
  };
}

/** Of a batch, in a run or in a window. */
export function batchIdOf(item: Item): string {
  return stringOf(item, 'pk').slice(BATCH_KEY_PREFIX.length);
}

export function membersOfItem(item: Item): string[] {
  return membersOfBytes(keyOf(item), bytesOf(item, 'm'));
}

export function bytesOfMembers(key: string, members: readonly string[]): Uint8Array {
  const bytes = Buffer.alloc(members.length * MEMBER_BYTES);
  for (const [index, member] of members.entries()) {
    const start = index * MEMBER_BYTES;
    const written = bytes.write(member, start, MEMBER_BYTES, 'base64url');
    // Reading back also refuses ids that are too long or not in base64url.
    if (written !== MEMBER_BYTES || bytes.toString('base64url', start, start + MEMBER_BYTES) !== member) {
      throw new MalformedItemError(key, `member id ${JSON.stringify(member)} is not 64 bits in base64url`);
    }
  }
  return bytes;
}

function membersOfBytes(key: string, bytes: Uint8Array): string[] {
  if (bytes.length % MEMBER_BYTES !== 0) {
    throw new MalformedItemError(key, `attribute m has ${bytes.length} bytes, which is not a multiple of 8`);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / MEMBER_BYTES }, (_, index) =>
    buffer.toString('base64url', index * MEMBER_BYTES, (index + 1) * MEMBER_BYTES),
  );
}

export function stringOf(item: Item, attribute: string): string {
  const value = item[attribute]?.S;
  if (value === undefined)
    throw new MalformedItemError(keyOf(item), `attribute ${attribute} is not a string`);
  return value;
}

export function numberOf(item: Item, attribute: string): number {
  const value = item[attribute]?.N;
  if (value === undefined)
    throw new MalformedItemError(keyOf(item), `attribute ${attribute} is not a number`);
  return Number(value);
}

export function bytesOf(item: Item, attribute: string): Uint8Array {
  const value = item[attribute]?.B;
  if (value === undefined) throw new MalformedItemError(keyOf(item), `attribute ${attribute} is not binary`);
  return value;
}

export function keyOf(item: Item): string {
  return item['pk']?.S ?? '(no pk)';
}
