/** The endpoint of one HTTP source over fakes, writing nothing anywhere: for tests that send it very many requests. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { vi } from 'vitest';
import { createHttpIngestHandler } from '../../../functions/http-ingest/http-ingest.ts';
import type { HttpIngestEvent } from '../../../functions/http-ingest/request.ts';
import type { CompiledHttpSource, CompiledLimits } from '../../../lib/compiled-config/compiled.ts';
import type { RunWaiting } from '../../../lib/ingest.ts';
import type { RouteStatus } from '../../../lib/flow-run-status/status.ts';
import { InMemoryDocumentSource } from '../fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../fakes/in-memory-secret-source.ts';
import { makeLambdaContext } from './make-lambda-context.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON; undefined for no body. */
  readonly body: unknown;
}

const STATES: readonly RouteStatus[] = [
  { state: 'created', route: 'a', flowRunId: 'run-1' },
  { state: 'dead-lettered', route: 'b', code: 'expression-failed' },
  { state: 'held', route: 'c' },
  { state: 'pending', route: 'd' },
];

export function makeIngestEndpoint(source: CompiledHttpSource, limits: CompiledLimits) {
  const queue = new InMemoryEventQueue();
  const secrets = new InMemorySecretSource({ 'sluice/orders': 's3cret' });
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  const metrics = new Metrics({ namespace: 'Sluice', serviceName: 'http-ingest' });
  /** Of the events of a request, the n-th has n routes, each in another state. */
  const inquiry: RunWaiting['inquiry'] = {
    poll: async (messages) => ({
      events: messages.map((_, index) => STATES.slice(0, index)),
      failure: null,
    }),
  };
  const handler = createHttpIngestHandler({
    outcomeLogs: { kind: 'all' },
    source,
    limits,
    ports: {
      queue,
      secrets,
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => 1_790_000_000_000 },
    },
    ...(source.respond.mode === 'run' && { runInquiry: Promise.resolve(inquiry) }),
    logger: new Logger({ serviceName: 'http-ingest', logLevel: 'SILENT' }),
    metrics,
  });
  const send = async (event: HttpIngestEvent): Promise<Answered> => {
    const { statusCode = 0, headers = {}, body = '' } = await handler(event, makeLambdaContext());
    const parsed: unknown = body === '' ? undefined : JSON.parse(body);
    return { status: statusCode, headers, body: parsed };
  };
  /** What the fakes remember would fill any heap in the end. */
  const forget = (): void => {
    queue.messages.length = 0;
    secrets.reads.length = 0;
  };
  return { queue, send, forget };
}
