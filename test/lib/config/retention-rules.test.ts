import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText } from '../../../lib/config/model/duration.ts';
import {
  compiledRoute,
  problemsOfRoute,
  type RouteFields,
} from '../../support/builders/route-configuration.ts';

const DAY = 86_400;
const SQS = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';
const HTTP = 'type: http, path: /jobs, verify: iam';
const EVENTBRIDGE = 'type: eventbridge, pattern: { source: [com.example] }';
const KAFKA = 'type: kafka, bootstrapServers: ["kafka.internal:9092"], topics: [jobs], auth: none';

const codesOf = (fields: RouteFields) => problemsOfRoute(fields).map(({ code }) => code);
const mendOf = (fields: RouteFields) => problemsOfRoute(fields).map(({ mend }) => mend);

describe('a claim', () => {
  const modes = fc.constantFrom(
    (wait: number) => `{ mode: window, maxWait: ${durationText(wait)} }`,
    (wait: number) => `{ mode: debounce, quiet: 1s, maxWait: ${durationText(wait)} }`,
  );

  it('has to outlive the wait in a window, and should by a day', () => {
    const retain = fc.integer({ min: 60, max: 9 * DAY });
    fc.assert(
      fc.property(modes, fc.integer({ min: 1, max: 7 * DAY }), retain, (mode, wait, retainSeconds) => {
        const source = `${SQS}, retention: 1m`;
        const codes = codesOf({ source, coalesce: mode(wait), retain: durationText(retainSeconds) });
        const expected = retainSeconds <= wait ? 'retain-shorter-than-wait' : 'retain-close-to-wait';
        expect(codes).toEqual(retainSeconds < wait + DAY ? [expected] : []);
      }),
    );
  });

  it('has to outlive a sliding window', () => {
    const fields = { source: `${SQS}, retention: 1m`, coalesce: '{ mode: sliding, size: 10h, every: 1h }' };
    expect(codesOf({ ...fields, retain: '10h' })).toEqual(['retain-shorter-than-wait']);
    expect(mendOf({ ...fields, retain: '10h' })).toEqual(['write 2d or more, or a shorter size']);
    expect(codesOf({ ...fields, retain: '1d' })).toEqual(['retain-close-to-wait']);
    expect(codesOf({ ...fields, retain: '34h' })).toEqual([]);
  });

  it('need not outlive a wait of nothing', () => {
    const fields = { source: `${SQS}, retention: 1m`, retain: '1m' };
    expect(codesOf({ ...fields, coalesce: '{ mode: window, maxWait: 0 }' })).toEqual([]);
    expect(codesOf({ ...fields, coalesce: '{ mode: invocation }' })).toEqual([]);
  });

  it('is compared with both, the wait and the redelivery', () => {
    expect(codesOf({ coalesce: '{ mode: window, maxWait: 2d }', retain: '1d' })).toEqual([
      'retain-shorter-than-wait',
      'retain-shorter-than-redelivery',
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
  ])('is warned about: %s', (_what, source, days) => {
    expect(codesOf({ source, retain: `${days * DAY - 1}s` })).toEqual(['retain-shorter-than-redelivery']);
    expect(codesOf({ source, retain: `${days}d` })).toEqual([]);
  });

  it('is mended by what the source allows', () => {
    const retain = '1d';
    expect(mendOf({ source: HTTP, retain })).toEqual(['write 15d or more']);
    expect(mendOf({ source: `${SQS}, retention: 4d`, retain })).toEqual(['write 5d or more']);
    expect(mendOf({ source: KAFKA, retain })).toEqual([
      'write 8d or more, or name a consumerGroup, with which a new mapping does not read the topic again',
    ]);
    expect(mendOf({ source: `${KAFKA}, retention: 1000d` })).toEqual([
      'name a consumerGroup, with which a new mapping does not read the topic again',
    ]);
  });

  it('is not guessed about where the source or its retention is broken', () => {
    expect(codesOf({ source: `${SQS}, retention: 15d`, retain: '1d' })).toEqual(['out-of-range']);
    expect(codesOf({ source: 'type: sqqs', retain: '1d' })).toEqual(['unknown-value']);
  });
});

it('a stated retention changes nothing of what is deployed', () => {
  expect(compiledRoute({ source: `${SQS}, retention: 4d` })).toEqual(compiledRoute({ source: SQS }));
});
