/** From a configuration that passed every check to the one that the functions see. */
import { compileCoalescing } from './compile-coalescing.ts';
import { compileEndpoint } from './compile-endpoint.ts';
import { compileKafkaSource } from './compile-kafka.ts';
import { compileVerification } from './compile-verification.ts';
import type {
  CompiledConfig,
  CompiledParameter,
  CompiledRespond,
  CompiledRoute,
  CompiledSource,
} from '../compiled-config/compiled.ts';
import { configHash } from './config-hash.ts';
import type { Configuration, RouteConfiguration, SourceConfiguration } from './model/configuration-model.ts';
import { runWaitSeconds, type RespondConfiguration } from './model/respond-model.ts';
import { queueReading } from './queue-rules.ts';

export function compile({
  prefect,
  limits,
  overflow,
  endpoint,
  sources,
  routes,
}: Configuration): CompiledConfig {
  const rest: Omit<CompiledConfig, 'hash'> = {
    formatVersion: 1,
    prefect: {
      apiUrl: prefect.apiUrl,
      authSecret: prefect.auth === 'none' ? null : prefect.auth.secret,
      headers: prefect.headers,
      requestTimeoutMs: prefect.requestTimeout,
    },
    limits,
    overflow: { retentionDays: overflow.retention },
    endpoint: compileEndpoint(endpoint),
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, compileSource(name, source)]),
    ),
    routes: Object.entries(routes).map(([name, route]) => compileRoute(name, route)),
  };
  return deepFreeze({ ...rest, hash: configHash(rest) });
}

function compileSource(name: string, source: SourceConfiguration): CompiledSource {
  if (source.type === 'kafka') return compileKafkaSource(name, source);
  const queued = {
    name,
    function: { memoryMiB: source.function.memory, timeoutSeconds: source.function.timeout },
    queue: {
      ...queueReading(source),
      maxConcurrency: source.queue.maxConcurrency,
      maxReceiveCount: source.queue.maxReceiveCount,
    },
  };
  if (source.type === 'eventbridge') return { ...queued, ...compileEventBridgeSource(source) };
  const common = {
    ...queued,
    format: source.format,
    eventType: source.eventType ?? `sluice.${source.type}.received`,
    unwrap: source.unwrap,
  };
  switch (source.type) {
    case 'http': {
      const { path, webhookOrigins, maxBodyBytes, maxEventsPerRequest } = source;
      const verify = compileVerification(source.verify);
      const respond = compileRespond(source.respond);
      return {
        ...common,
        type: 'http',
        path,
        verify,
        webhookOrigins,
        maxBodyBytes,
        maxEventsPerRequest,
        respond,
      };
    }
    case 'sqs':
      return { ...common, type: 'sqs', queueArn: source.queueArn, order: source.order ?? 'relaxed' };
  }
}

function compileRespond(respond: RespondConfiguration): CompiledRespond {
  if (respond === 'accepted') return { mode: 'accepted' };
  return { mode: 'run', maxWaitSeconds: runWaitSeconds(respond) };
}

/** What a rule puts into the queue is always an event of EventBridge, which has a type and is JSON. */
function compileEventBridgeSource({ bus, pattern }: Extract<SourceConfiguration, { type: 'eventbridge' }>) {
  return {
    type: 'eventbridge',
    format: 'auto',
    eventType: 'sluice.eventbridge.received',
    unwrap: ['eventbridge'],
    busName: bus.replace(/^arn:.*:event-bus\//, ''),
    pattern,
  } as const;
}

function compileRoute(name: string, route: RouteConfiguration): CompiledRoute {
  const { from, when, dedupe, coalesce, run } = route;
  const [flow = '', deployment = ''] = run.deployment.split('/');
  return {
    name,
    from,
    when: when ?? null,
    dedupe: { key: dedupe.key ?? null, retentionSeconds: dedupe.retention },
    coalesce: compileCoalescing(coalesce),
    run: {
      flow,
      deployment,
      parameters: Object.fromEntries(
        Object.entries(run.parameters).map(([parameter, value]): [string, CompiledParameter] => [
          parameter,
          typeof value === 'string'
            ? { expression: value, as: 'json' }
            : { expression: value.value, as: value.as },
        ]),
      ),
      templateMarkers: run.templateMarkers,
      overflow: run.overflow,
      tags: run.tags,
    },
  };
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
