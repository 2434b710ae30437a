/**
 * The endpoint under fire: whatever comes, a documented answer goes. `npm run fuzz` runs the same for minutes and
 * under a small heap.
 */
import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { CompiledHttpSource } from '../../../lib/compiled-config/compiled.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import { originFromAttributes } from '../../../lib/event/queue-message.ts';
import { DOCUMENTED_PROBLEMS } from '../../../lib/http-problem.ts';
import type { QueueMessage } from '../../../lib/ports.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { hostileRequest } from '../../support/builders/hostile-request.ts';
import { makeIngestEndpoint, type Answered } from '../../support/builders/make-ingest-endpoint.ts';

const MINUTES = Number(process.env['SLUICE_FUZZ_MINUTES'] ?? 0);
/** In rounds, since fast-check keeps a little of every run until its end. */
const RUNS_OF_A_ROUND = 2_000;

const limits = { maxEventBytes: 20_000, maxDepth: 64, maxKeys: 1_000 };
const ALL = ['sns', 'eventbridge', 's3'] as const;
const SOURCES: readonly CompiledHttpSource[] = [
  makeHttpSource({ maxBodyBytes: 30_000, maxEventsPerRequest: 3 }),
  ...(['auto', 'json', 'cloudevents', 'text', 'binary'] as const).map((format) =>
    makeHttpSource({ format, verify: { scheme: 'none' }, unwrap: ALL }),
  ),
  // Senders whose secret may be any text. What is random is never signed: it ends in 401, by whatever way.
  ...(
    [
      ...(['github', 'stripe', 'slack', 'twilio', 'pagerduty', 'linear', 'hubspot', 'square'] as const),
      ...(['meta', 'dropbox', 'xero', 'trello', 'box'] as const),
    ] as const
  ).map((sender) =>
    makeHttpSource({
      verify: {
        scheme: 'webhook',
        provider: sender,
        secret: 'sluice/orders',
        toleranceSeconds: 300,
        publicUrl: null,
      },
    }),
  ),
  makeHttpSource({ verify: { scheme: 'sns', topics: ['arn:aws:sns:eu-central-1:123456789012:orders'] } }),
  ...(['okta', 'microsoft-graph', 'monday'] as const).map((scheme) =>
    makeHttpSource({
      verify: { scheme, secret: 'sluice/orders', header: 'authorization', publicUrl: null },
    }),
  ),
  makeHttpSource({ verify: { scheme: 'api-key', secret: 'sluice/orders', header: 'x-api-key' } }),
];

const Accepted = z.strictObject({ events: z.array(z.strictObject({ id: z.string(), source: z.string() })) });
const Problem = z.strictObject({
  status: z.number(),
  title: z.string(),
  code: z.string(),
  detail: z.string(),
  requestId: z.literal('request-1'),
  index: z.number().optional(),
  badEvents: z.array(z.strictObject({ index: z.number(), code: z.string(), detail: z.string() })).optional(),
});

const STATUS = new Map(DOCUMENTED_PROBLEMS.map(({ code, status }) => [code, status]));

function expectDocumented({ status, headers, body }: Answered): void {
  if (status === 202) {
    Accepted.parse(body);
    return;
  }
  const problem = Problem.parse(body);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(problem.status).toBe(status);
  expect(STATUS.get(problem.code)).toBe(status);
  // No part of it is ours to be blamed for: everything is in reach, and nothing is broken.
  expect(status).toBeLessThan(500);
}

/** What the consumer of the queue makes of the messages, by id and source. */
function delivered(messages: readonly QueueMessage[], source: CompiledHttpSource): unknown {
  return messages.flatMap(({ body, attributes }) => {
    const headers = new Map(Object.entries(attributes));
    const origin = originFromAttributes(headers);
    if (origin === undefined) throw new Error('the message has no origin');
    const decoded = decodeRecord({ recordId: 'm', origin, body, headers, deliveryCount: 1 }, source, limits);
    if (decoded.kind === 'rejected') throw new Error(decoded.rejection.detail);
    return decoded.events.map(({ id, source: from }) => ({ id, source: from }));
  });
}

describe('the endpoint', () => {
  afterAll(() => {
    vi.unstubAllEnvs();
  });
  const endpoints = SOURCES.map((source) => ({ source, ...makeIngestEndpoint(source, limits) }));

  it(
    'answers any request with a documented status, the same when it comes twice, and keeps what it accepts',
    async () => {
      const counts = new Map<string, number>();
      const property = fc.asyncProperty(
        hostileRequest,
        fc.constantFrom(...endpoints),
        async (request, endpoint) => {
          const { queue, send, forget, source } = endpoint;
          forget();
          const first = await send(request);
          const messages = [...queue.messages];
          const second = await send(request);
          const name = first.status === 202 ? 'accepted' : Problem.parse(first.body).code;
          counts.set(name, (counts.get(name) ?? 0) + 1);

          expectDocumented(first);
          expect(second).toEqual(first);
          expect(queue.messages).toEqual([...messages, ...messages]);
          const events = first.status === 202 ? Accepted.parse(first.body).events : [];
          expect(delivered(messages, source)).toEqual(events);
        },
      );
      const endEpochMs = Date.now() + MINUTES * 60_000;
      do {
        await fc.assert(property, { numRuns: RUNS_OF_A_ROUND });
      } while (Date.now() < endEpochMs);
      if (MINUTES > 0) {
        const heapMebibytes = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
        console.info(`within ${heapMebibytes} MiB, each sent twice, by answer:`, Object.fromEntries(counts));
      }
      // Else the property would say little: the requests get through to every kind of reading.
      expect(counts.get('accepted')).toBeGreaterThan(100);
      expect(counts.size).toBeGreaterThan(11);
    },
    60_000 + MINUTES * 70_000,
  );
});
