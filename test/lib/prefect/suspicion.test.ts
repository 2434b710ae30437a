import { expect, test } from 'vitest';
import { isBatchSuspect } from '../../../lib/prefect/suspicion.ts';

const suspect = { status: 503, deliveryCount: 3, othersCreatedSince: true };

test('a batch that Prefect answers 500 or 503 again and again, while it takes others, is suspect', () => {
  expect(isBatchSuspect(suspect)).toBe(true);
  expect(isBatchSuspect({ ...suspect, status: 500, deliveryCount: 10 })).toBe(true);
});

test.each([
  ['its first deliveries may have met an outage', { deliveryCount: 2 }],
  ['nothing else went through either', { othersCreatedSince: false }],
  ['it was not answered', { status: 0 }],
  ['the rate limit was reached', { status: 429 }],
  ['the credentials were not accepted', { status: 401 }],
  ['a proxy answered', { status: 502 }],
  ['a proxy gave up', { status: 504 }],
])('a batch is not suspect when %s', (_reason, facts) => {
  expect(isBatchSuspect({ ...suspect, ...facts })).toBe(false);
});
