import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classicPatternProblem,
  eventPattern,
  type EventPattern,
} from '../../../../lib/config/eventbridge/event-pattern.ts';
import { InvalidValue } from '../../../../lib/config/scalars/scalar.ts';

function invalidValueOf(pattern: unknown): InvalidValue | undefined {
  const issue = eventPattern.safeParse(pattern).error?.issues[0];
  const invalid: unknown = issue?.code === 'custom' ? issue.params?.['invalidValue'] : undefined;
  if (invalid instanceof InvalidValue) return invalid;
  return classicPatternProblem(pattern as EventPattern) ?? undefined;
}

/** From the pages of EventBridge's user guide. */
const PATTERNS: readonly object[] = [
  { source: ['aws.s3'] },
  { 'source': ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] },
  { detail: { state: ['initializing', 'running'], count: [5, null, true] } },
  { source: [{ prefix: 'com.example.' }], account: [{ 'anything-but': ['123456789012'] }] },
  { detail: { 'c-count': [{ numeric: ['>', 0, '<=', 5] }], 'd-count': [{ exists: false }] } },
  { detail: { name: [{ prefix: { 'equals-ignore-case': 'A' } }, { wildcard: '*.csv' }] } },
  { $or: [{ source: ['a'] }, { detail: { b: ['c'] } }], region: ['eu-west-1'] },
  { detail: { $or: [{ ip: [{ cidr: '10.0.0.0/24' }] }, { name: [{ suffix: '.png' }] }] } },
  // A field of the sender's own may be called like an operator.
  { detail: { prefix: ['a'] }, resources: ['arn:aws:s3:::uploads'] },
];

describe('a pattern of EventBridge', () => {
  it.each(PATTERNS)('the pattern %j is accepted unchanged', (pattern) => {
    expect(eventPattern.parse(pattern)).toEqual(pattern);
  });

  it.each([
    ['a scalar', { source: 'shop' }, 'the text "shop" at source', 'source: [ … ]'],
    ['no list', { detail: { a: { b: true } } }, 'true at detail.a.b', 'b: [ … ]'],
    ['an empty map', {}, 'an empty map', 'source: [com.example.shop]'],
    ['an empty map inside', { detail: { a: {} } }, 'an empty map at detail.a', 'name what has to match'],
    ['another spelling', { detailType: ['a'] }, 'the field detailType', 'did you mean detail-type?'],
    ['a field outside of detail', { orderId: ['a'] }, 'the field orderId', 'events have: source'],
    ['a map where a text is', { source: { a: ['b'] } }, 'a map at source', 'source: [ … ]'],
    ['an account that is a number', { account: [123456789012] }, 'the number 123456789012', 'quotation'],
    ['a mistake in an alternative', { $or: [{ source: ['a'] }, { a: ['b'] }] }, 'the field a', 'have'],
    ['a list in a list', { source: [['a']] }, 'a list at source', 'quotation marks'],
    ['a list', ['a'], 'a list', 'write a map'],
    ['too much', { source: ['x'.repeat(4096)] }, 'a pattern of 4111 characters', 'at most 4096'],
  ])('a pattern with %s is refused, with a fix', (_what, pattern, found, fix) => {
    const invalid = invalidValueOf(pattern);
    expect(invalid?.found).toContain(found);
    expect(invalid?.fix).toContain(fix);
  });

  it('a pattern is either accepted or refused with a reason, whatever it is', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.object({ key: fc.constantFrom('detail', 'source', '$or', 'prefix', 'a') }),
    );
    fc.assert(
      fc.property(value, (pattern) => {
        const isAccepted =
          eventPattern.safeParse(pattern).success && classicPatternProblem(pattern as EventPattern) === null;
        expect(isAccepted).toBe(invalidValueOf(pattern) === undefined);
      }),
    );
  });
});
