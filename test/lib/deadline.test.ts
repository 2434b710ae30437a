import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasTimeFor, requestTimeoutMs, RESERVE_MS, type Work } from '../../lib/deadline.ts';

const work = fc.constantFrom(...(Object.keys(RESERVE_MS) as Work[]));
const ms = fc.integer({ min: 0, max: 900_000 });

describe('the time budget of an invocation', () => {
  it('leaves the reserve of the work after any request, which is never longer than its limit', () => {
    fc.assert(
      fc.property(work, ms, ms, (each, limitMs, remainingMs) => {
        const timeoutMs = requestTimeoutMs(each, limitMs, { remainingMs: () => remainingMs });
        if (timeoutMs === null) return;
        expect(timeoutMs).toBeGreaterThanOrEqual(250);
        expect(timeoutMs).toBeLessThanOrEqual(limitMs);
        expect(remainingMs - timeoutMs).toBeGreaterThanOrEqual(RESERVE_MS[each]);
      }),
    );
  });

  it('starts work only if more than its reserve remains', () => {
    expect(hasTimeFor('page', { remainingMs: () => 20_000 })).toBe(false);
    expect(hasTimeFor('page', { remainingMs: () => 20_001 })).toBe(true);
  });

  it('sends no request without time, and none that would be cut off at once', () => {
    expect(requestTimeoutMs('request', 10_000, { remainingMs: () => 2_249 })).toBeNull();
    expect(requestTimeoutMs('request', 10_000, { remainingMs: () => 2_250 })).toBe(250);
  });
});
