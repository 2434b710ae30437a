import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchRecordItem,
  batchRecordOf,
  claimItem,
  claimOf,
  MalformedItemError,
} from '../../../../lib/adapters/dynamodb/dynamodb-items.ts';
import { itemBytes } from '../../../support/builders/item-bytes.ts';
import { sampleClaim, sampleMembers, sampleRecord } from '../../../support/builders/sample-claims.ts';

const memberId = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('claim items', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        fc.record({
          claimKey: fc.string().map((key) => `C#${key}`),
          batchId: fc.string(),
          leaseUntilEpochSeconds: fc.nat(),
          expiresAtEpochSeconds: fc.nat(),
        }),
        (claim) => {
          expect(claimOf(claimItem(claim))).toEqual(claim);
        },
      ),
    );
  });

  it('stay under 200 bytes with a route name of 40 characters and the longest batch id', () => {
    expect(itemBytes(claimItem(sampleClaim('event', 'batch', 'r'.repeat(40))))).toBeLessThan(200);
  });

  it('are refused by name when an attribute is missing', () => {
    const { pk, l, expires } = claimItem(sampleClaim('event'));
    const item = { pk, l, expires };

    expect(() => claimOf(item)).toThrow(MalformedItemError);
    expect(() => claimOf(item)).toThrow(/^Item C#process-orders#.*: attribute b is not a string$/);
  });
});

describe('batch record items', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        fc.array(memberId, { maxLength: 200 }),
        fc.option(fc.string({ minLength: 1 })),
        (members, deadCode) => {
          const { expiresAtEpochSeconds, ...record } = sampleRecord('batch', { members, deadCode });

          expect(batchRecordOf(batchRecordItem({ ...record, expiresAtEpochSeconds }))).toEqual(record);
        },
      ),
    );
  });

  it('come back from bytes that lie in the middle of a larger buffer', () => {
    const record = sampleRecord('batch');
    const item = batchRecordItem(record);
    const bytes = Buffer.concat([Buffer.from('before'), item['m']?.B ?? Buffer.of(), Buffer.from('after')]);

    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + 'before'.length, record.members.length * 8);

    expect(batchRecordOf({ ...item, m: { B: view } }).members).toEqual(record.members);
  });

  it('of 100 members and a dead code fit one write unit', () => {
    const record = sampleRecord('batch', { members: sampleMembers(100), deadCode: 'refused-by-prefect' });

    expect(itemBytes(batchRecordItem(record))).toBeLessThanOrEqual(1024);
  });

  it.each([
    ['is too short', 'AAAA'],
    ['is too long', hash('sha256', 'member', 'base64url')],
    ['is not base64url', 'AAAAAAAAA+/'],
    ['has bits beyond the 64th', 'AAAAAAAAAAB'],
    ['is empty', ''],
  ])('are refused when a member id %s', (_, member) => {
    expect(() => batchRecordItem(sampleRecord('batch', { members: [member] }))).toThrow(MalformedItemError);
  });

  it('are refused when the members are not whole', () => {
    const item = { ...batchRecordItem(sampleRecord('batch')), m: { B: new Uint8Array(9) } };

    expect(() => batchRecordOf(item)).toThrow(/attribute m has 9 bytes/);
  });
});
