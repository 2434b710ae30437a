/** What comes through services of AWS, and what becomes of it in Prefect. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  deliveriesWith,
  eventually,
  messageCount,
  putEvents,
  sendUpload,
} from '../support/parts/every-source.ts';
import { s3Notification, snsEnvelope } from '../support/builders/make-envelope.ts';

it('Each S3 record of an SNS notification in a queue is one run, also when the notification comes twice.', async () => {
  const mark = randomUUID();
  const keys = ['a', 'b', 'c'].map((name) => `${mark}/${name}+%C3%BC.csv`);
  const message = snsEnvelope(s3Notification(...keys.map((key) => ({ key }))), { MessageId: mark });
  await Promise.all([sendUpload(message), sendUpload(message)]);
  await eventually(
    async () => (await deliveriesWith(mark)).length >= keys.length && (await messageCount('uploads')) === 0,
  );
  const deliveries = await deliveriesWith(mark);
  expect(deliveries.map(({ source, type }) => [source, type])).toEqual(
    keys.map(() => ['aws:s3.eu-central-1.incoming', 'com.amazonaws.s3.ObjectCreated:Put']),
  );
  expect(
    deliveries
      .map(
        ({ data }) => (data as { readonly s3: { readonly object: { readonly key: string } } }).s3.object.key,
      )
      .sort(),
  ).toEqual(keys);
});

it('An event on a bus is one run if it matches the pattern, and else none.', async () => {
  const mark = randomUUID();
  await putEvents(
    { source: 'com.example.shop', detailType: 'Order Cancelled', detail: { orderId: `${mark}-cancelled` } },
    { source: 'com.example.other', detailType: 'Order Paid', detail: { orderId: `${mark}-other` } },
    {
      source: 'com.example.shop',
      detailType: 'Order Paid',
      detail: { orderId: `${mark}-paid`, total: 12.5 },
    },
  );
  await eventually(async () => (await deliveriesWith(mark)).length > 0 && (await messageCount('bus')) === 0);
  expect(await deliveriesWith(mark)).toEqual([
    {
      source: 'com.example.shop',
      type: 'Order Paid',
      id: expect.any(String) as unknown,
      data: { orderId: `${mark}-paid`, total: 12.5 },
    },
  ]);
});
