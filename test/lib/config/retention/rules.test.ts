import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText } from '../../../../lib/config/scalars/duration.ts';
import {
  compiledRoute,
  problemsOfRoute,
  type RouteFields,
} from '../../../support/builders/route-configuration.ts';

const DAY = 86_400;
const SQS = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';
const HTTP = 'type: http, path: /jobs, verify: iam';
const EVENTBRIDGE = 'type: eventbridge, pattern: { source: [com.example] }';
const KAFKA = 'type: kafka, bootstrapServers: ["kafka.internal:9092"], topics: [jobs], auth: none';

const codesOf = (fields: RouteFields) => problemsOfRoute(fields).map(({ code }) => code);
const fixOf = (fields: RouteFields) => problemsOfRoute(fields).map(({ fix }) => fix);

describe('a claim', () => {
  const modes = fc.constantFrom(
    (wait: number) => `{ mode: window, maxWait: ${durationText(wait)} }`,
    (wait: number) => `{ mode: debounce, quiet: 1s, maxWait: ${durationText(wait)} }`,
  );

  it('a claim has to outlive the wait in a window, and should by a day', () => {
    const retention = fc.integer({ min: 60, max: 9 * DAY });
    fc.assert(
      fc.property(modes, fc.integer({ min: 1, max: 7 * DAY }), retention, (mode, wait, retentionSeconds) => {
        const source = `${SQS}, retention: 1m`;
        const codes = codesOf({ source, coalesce: mode(wait), retention: durationText(retentionSeconds) });
        const expected = retentionSeconds <= wait ? 'retention-shorter-than-wait' : 'retention-close-to-wait';
        expect(codes).toEqual(retentionSeconds < wait + DAY ? [expected] : []);
      }),
    );
  });

  it('a claim has to outlive a sliding window', () => {
    const fields = { source: `${SQS}, retention: 1m`, coalesce: '{ mode: sliding, size: 10h, every: 1h }' };
    expect(codesOf({ ...fields, retention: '10h' })).toEqual(['retention-shorter-than-wait']);
    expect(fixOf({ ...fields, retention: '10h' })).toEqual(['write 2d or more, or a shorter size']);
    expect(codesOf({ ...fields, retention: '1d' })).toEqual(['retention-close-to-wait']);
    expect(codesOf({ ...fields, retention: '34h' })).toEqual([]);
  });

  it('a claim need not outlive a wait of zero', () => {
    const fields = { source: `${SQS}, retention: 1m`, retention: '1m' };
    expect(codesOf({ ...fields, coalesce: '{ mode: window, maxWait: 0 }' })).toEqual([]);
    expect(codesOf({ ...fields, coalesce: '{ mode: invocation }' })).toEqual([]);
  });

  it('the retention of claims is compared with both the wait and the redelivery', () => {
    expect(codesOf({ coalesce: '{ mode: window, maxWait: 2d }', retention: '1d' })).toEqual([
      'retention-shorter-than-wait',
      'retention-shorter-than-redelivery',
    ]);
  });
});

describe('a claim that its source outlives', () => {
  it.each([
    ['an HTTP source', HTTP, 14],
    ['an EventBridge source', EVENTBRIDGE, 14],
    ['an SQS source that does not say how long its queue keeps messages', SQS, 14],
    ['an SQS source that does', `${SQS}, retention: 4d`, 4],
    ['a Kafka source that does not say how long its topics keep records', KAFKA, 7],
    ['a Kafka source that does', `${KAFKA}, retention: 30d`, 30],
    [
      'a Kafka source with a group that goes on where it was',
      `${KAFKA}, retention: 30d, consumerGroup: a`,
      14,
    ],
    ['a Kafka source with a group and short retention', `${KAFKA}, retention: 2d, consumerGroup: a`, 2],
  ])('a retention shorter than the redelivery of its source is a warning: %s', (_what, source, days) => {
    expect(codesOf({ source, retention: `${days * DAY - 1}s` })).toEqual([
      'retention-shorter-than-redelivery',
    ]);
    expect(codesOf({ source, retention: `${days}d` })).toEqual([]);
  });

  it('the fix of a short retention is what the source allows', () => {
    const retention = '1d';
    expect(fixOf({ source: HTTP, retention })).toEqual(['write 15d or more']);
    expect(fixOf({ source: `${SQS}, retention: 4d`, retention })).toEqual(['write 5d or more']);
    expect(fixOf({ source: KAFKA, retention })).toEqual([
      'write 8d or more, or name a consumerGroup (or a consumerGroupPrefix), with which a new mapping does not read the topic again',
    ]);
    expect(fixOf({ source: `${KAFKA}, retention: 1000d` })).toEqual([
      'name a consumerGroup (or a consumerGroupPrefix), with which a new mapping does not read the topic again',
    ]);
  });

  it('the retention of claims is not compared with a broken source or retention', () => {
    expect(codesOf({ source: `${SQS}, retention: 15d`, retention: '1d' })).toEqual(['out-of-range']);
    expect(codesOf({ source: 'type: sqqs', retention: '1d' })).toEqual(['unknown-value']);
  });
});

it('the retention of a source changes nothing that is deployed', () => {
  expect(compiledRoute({ source: `${SQS}, retention: 4d` })).toEqual(compiledRoute({ source: SQS }));
});
