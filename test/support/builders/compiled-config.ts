/** Compiled configurations for tests that do not care where they came from. */
import type {
  CompiledConfig,
  CompiledEventBridgeSource,
  CompiledHttpSource,
  CompiledKafkaSource,
  CompiledRoute,
  CompiledSource,
  CompiledSqsSource,
} from '../../../lib/compiled-config/compiled.ts';

const base = {
  format: 'auto',
  eventType: 'test.event',
  unwrap: [],
  function: { memoryMiB: 512, timeoutSeconds: 60 },
  queue: { batchSize: 100, batchWindowSeconds: 1, maxConcurrency: 10, maxReceiveCount: 5 },
} as const;

export function makeHttpSource(overrides: Partial<CompiledHttpSource> = {}): CompiledHttpSource {
  return {
    ...base,
    type: 'http',
    name: 'orders-hook',
    path: '/orders',
    verify: { scheme: 'bearer', secret: 'sluice/orders' },
    webhookOrigins: [],
    handshake: null,
    headers: [],
    maxBodyBytes: 1_000_000,
    maxEventsPerRequest: 100,
    respond: { mode: 'accepted' },
    ...overrides,
  };
}

export function makeSqsSource(overrides: Partial<CompiledSqsSource> = {}): CompiledSqsSource {
  return {
    ...base,
    type: 'sqs',
    name: 'jobs',
    queueArn: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
    order: 'relaxed',
    ...overrides,
  };
}

export function makeEventBridgeSource(
  overrides: Partial<CompiledEventBridgeSource> = {},
): CompiledEventBridgeSource {
  return {
    ...base,
    type: 'eventbridge',
    name: 'shop-events',
    unwrap: ['eventbridge'],
    busName: 'shop',
    pattern: { 'source': ['com.example.shop'], 'detail-type': ['Order Paid'] },
    ...overrides,
  };
}

/** One topic of an MSK cluster, read by IAM and on-demand pollers. */
export function makeKafkaSource(overrides: Partial<CompiledKafkaSource> = {}): CompiledKafkaSource {
  const { format, eventType, unwrap, function: settings } = base;
  return {
    type: 'kafka',
    name: 'orders-topic',
    format,
    eventType,
    unwrap,
    function: settings,
    cluster: {
      kind: 'msk',
      clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0b6b5e1c-2',
      auth: { scheme: 'iam' },
    },
    topics: ['orders'],
    consumerGroupId: null,
    startingPosition: { at: 'TRIM_HORIZON' },
    order: 'relaxed',
    batchSize: 1000,
    batchWindowSeconds: 1,
    provisioned: null,
    schemaRegistry: null,
    ...overrides,
  };
}

export function makeRoute(overrides: Partial<CompiledRoute> = {}): CompiledRoute {
  return {
    name: 'process-orders',
    from: ['orders-hook'],
    when: null,
    dedupe: { key: null, retentionSeconds: 1_296_000 },
    coalesce: { mode: 'none' },
    run: {
      flow: 'process-orders',
      deployment: 'prod',
      parameters: { orders: { expression: 'events.map(e, e.data)', as: 'json' } },
      templateMarkers: 'refuse',
      overflow: 'refuse',
      tags: [],
    },
    ...overrides,
  };
}

export const SAMPLE_WINDOW = {
  mode: 'window',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  maxWaitSeconds: 10,
  bypassWhen: null,
} as const;

/** With these sources, whose route has windows. */
export function makeWindowedConfig(sources: readonly CompiledSource[]): CompiledConfig {
  const from = sources.map(({ name }) => name);
  return makeCompiledConfig(sources, { routes: [makeRoute({ from, coalesce: SAMPLE_WINDOW })] });
}

/** With these sources, and one route that takes the events of all of them. */
export function makeCompiledConfig(
  sources: readonly CompiledSource[] = [makeHttpSource(), makeSqsSource()],
  overrides: Partial<CompiledConfig> = {},
): CompiledConfig {
  return {
    formatVersion: 1,
    hash: '0123456789abcdef',
    prefect: {
      apiUrl: 'https://prefect.internal/api',
      authSecret: 'sluice/prefect',
      headers: {},
      requestTimeoutMs: 10_000,
    },
    endpoint: { domains: [], disableExecuteApiEndpoint: false },
    logs: { level: 'INFO', outcomes: { kind: 'all' } },
    table: { kind: 'own', pointInTimeRecovery: true },
    limits: { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 },
    overflow: { retentionDays: 30 },
    sources: Object.fromEntries(sources.map((source) => [source.name, source])),
    routes: [makeRoute({ from: sources.map(({ name }) => name) })],
    ...overrides,
  };
}
