import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deploymentRefOf,
  destinationOf,
  firstBatchId,
  isPartOf,
  nextBatchId,
  partBatchId,
  type BatchScope,
} from '../../../lib/batching/batch-id.ts';
import { memberOf, type DeliveredMember } from '../../../lib/routing/member.ts';

const D = 'P6hfZFcXRWKzfCyWP2avpg';
const SCOPE: BatchScope = { installation: 'arn:table', route: 'r', destination: 'run' };

const members: fc.Arbitrary<readonly DeliveredMember[]> = fc.uniqueArray(
  fc.record({
    claimKey: fc.stringMatching(/^[0-9a-f]{1,3}$/),
    memberId: fc.constant(''),
    origin: fc.stringMatching(/^[0-9a-f]{1,2}$/),
  }),
  { minLength: 1, maxLength: 6, selector: ({ claimKey }) => claimKey },
);

const textOf = (list: readonly DeliveredMember[]): string =>
  list
    .map(({ claimKey, origin }) => `${claimKey}/${origin}`)
    .sort()
    .join();

describe('the id of a batch that is formed of deliveries', () => {
  it('is the same for the same deliveries in any order, and another one for any other deliveries', () => {
    fc.assert(
      fc.property(members, members, (some, others) => {
        expect(firstBatchId(D, SCOPE, some.toReversed())).toBe(firstBatchId(D, SCOPE, some));
        const areSame = textOf(some) === textOf(others);
        expect(firstBatchId(D, SCOPE, some) === firstBatchId(D, SCOPE, others)).toBe(areSame);
      }),
    );
  });

  it('never comes back when the same key is sent again', () => {
    const member = memberOf('r', ['order-1']);
    const first = firstBatchId(D, SCOPE, [{ ...member, origin: 'message-1' }]);
    expect(firstBatchId(D, SCOPE, [{ ...member, origin: 'message-2' }])).not.toBe(first);
  });

  it('is another one in another installation, on another route, and on the other way', () => {
    const list = [{ ...memberOf('r', ['order-1']), origin: 'message-1' }];
    const scopes: BatchScope[] = [
      SCOPE,
      { ...SCOPE, installation: 'arn:other-table' },
      { ...SCOPE, route: 's' },
      { ...SCOPE, destination: 'window' },
    ];
    const ids = scopes.map((scope) => firstBatchId(D, scope, list).split('.').at(-1));
    expect(new Set(ids).size).toBe(3);
    expect(scopes.map((scope) => destinationOf(firstBatchId(D, scope, list)))).toEqual([
      'run',
      'run',
      'run',
      'window',
    ]);
  });

  it('names the deployment that the batch was formed for', () => {
    expect(deploymentRefOf(firstBatchId(D, SCOPE, [{ ...memberOf('r', ['x']), origin: 'm' }]))).toBe(D);
  });
});

describe('the id of a batch of members that leave other batches', () => {
  const list = [memberOf('r', ['x'])];

  it('is the same for all who move them, and none that any of those batches had', () => {
    const first = firstBatchId(D, SCOPE, [{ ...memberOf('r', ['x']), origin: 'm' }]);
    const second = nextBatchId(D, SCOPE, list, [first]);
    const third = nextBatchId(D, SCOPE, list, [second]);
    expect(nextBatchId(D, SCOPE, list, [first])).toBe(second);
    expect(nextBatchId(D, SCOPE, list, [first, first])).toBe(second);
    expect(nextBatchId(D, SCOPE, list, ['b', 'a'])).toBe(nextBatchId(D, SCOPE, list, ['a', 'b']));
    expect(new Set([first, second, third]).size).toBe(3);
  });
});

describe('the id of a run of a window', () => {
  it('is recognized as a part of that window, however many parts there are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.string(), (part, installation, windowId) => {
        const batchId = partBatchId(D, installation, windowId, part);
        expect(isPartOf(batchId, installation, windowId)).toBe(true);
        expect(isPartOf(batchId, `${installation}2`, windowId)).toBe(false);
        expect(isPartOf(batchId, installation, `${windowId}2`)).toBe(false);
        expect(destinationOf(batchId)).toBe('run');
      }),
    );
  });

  it('is not mistaken for one of a batch', () => {
    const id = firstBatchId(D, SCOPE, [{ ...memberOf('r', ['x']), origin: 'm' }]);
    expect(isPartOf(id, 'arn:table', 'w')).toBe(false);
  });
});
