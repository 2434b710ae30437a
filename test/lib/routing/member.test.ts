import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberOf } from '../../../lib/routing/member.ts';

describe('a member', () => {
  it('differs when its parts differ, wherever they are divided', () => {
    const parts = fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        const areSame = JSON.stringify(some) === JSON.stringify(others);
        expect(memberOf('r', some).claimKey === memberOf('r', others).claimKey).toBe(areSame);
      }),
    );
    expect(memberOf('r', ['/a', 'b1'])).not.toEqual(memberOf('r', ['/ab', '1']));
  });

  it('differs on another route', () => {
    expect(memberOf('r', ['x']).claimKey).not.toBe(memberOf('s', ['x']).claimKey);
  });

  it('has an id of 64 bits in 11 characters, and a claim key that fits DynamoDB whatever the id was', () => {
    const { claimKey, memberId } = memberOf('r'.repeat(64), ['x'.repeat(1_000_000)]);
    expect(memberId).toMatch(/^[\w-]{11}$/);
    expect(Buffer.byteLength(claimKey)).toBeLessThan(120);
  });
});

describe('a member id', () => {
  it('is the first 64 bits of the hash that is in the claim key', () => {
    fc.assert(
      fc.property(fc.string(), (part) => {
        const { claimKey, memberId } = memberOf('r', [part]);
        const digest = Buffer.from(claimKey.slice('C#r#'.length), 'base64url');
        expect(memberId).toBe(digest.subarray(0, 8).toString('base64url'));
      }),
    );
  });
});
