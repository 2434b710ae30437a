import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { QUEUE_ARN } from './order-messages.ts';

/** One queue and one route: the same job as the baselines', as a configuration of Sluice. */
export function sluiceConfig(prefectApiUrl: string): CompiledConfig {
  return {
    formatVersion: 1,
    hash: '0123456789abcdef',
    prefect: { apiUrl: prefectApiUrl, authSecret: null, headers: {}, requestTimeoutMs: 10_000 },
    endpoint: { domains: [], disableExecuteApiEndpoint: false },
    logs: { level: 'INFO', outcomes: { kind: 'all' } },
    table: { kind: 'own', pointInTimeRecovery: true },
    limits: { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 },
    overflow: { retentionDays: 30 },
    sources: {
      orders: {
        type: 'sqs',
        name: 'orders',
        format: 'json',
        eventType: 'order.paid',
        unwrap: [],
        queueArn: QUEUE_ARN,
        order: 'relaxed',
        function: { memoryMiB: 512, timeoutSeconds: 60 },
        queue: { batchSize: 100, batchWindowSeconds: 1, maxConcurrency: 10, maxReceiveCount: 10 },
      },
    },
    routes: [
      {
        name: 'orders',
        from: ['orders'],
        when: 'event.data.totalCents > 0',
        dedupe: { key: 'event.data.orderId', retentionSeconds: 15 * 24 * 3600 },
        coalesce: { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400 * 1024 },
        run: {
          flow: 'process-orders',
          deployment: 'prod',
          parameters: { orders: { expression: 'events.map(e, e.data)', as: 'json' } },
          templateMarkers: 'refuse',
          overflow: 'refuse',
          tags: [],
        },
      },
    ],
  };
}
