/**
 * The parts of a configuration that are sound in themselves, each read on its own: a mistake in one part must
 * not hide what is wrong between the others. Null stands for what is absent or broken, and is reported elsewhere.
 */
import { z } from 'zod';
import { maxBatchBytes } from './model/coalesce-model.ts';
import { endpointModel, type EndpointConfiguration } from './model/endpoint-model.ts';
import { topicRetention } from './model/kafka-source-model.ts';
import { prefectModel } from './model/prefect-model.ts';
import { queueModel } from './model/queue-model.ts';
import { dedupeModel, routeModel, type RunOverflow } from './model/route-model.ts';
import { respondModel, runWaitSeconds } from './model/respond-model.ts';
import { hmacModel } from './model/sender-models.ts';
import { functionModel, order } from './model/source-fields.ts';
import { httpPath, queueArn, queueRetention } from './model/source-model.ts';
import { readSoundCoalesce, type SoundCoalesce } from './sound-coalesce.ts';
import { readSoundKafka, type SoundKafka } from './sound-kafka.ts';
import { readSound as read } from './sound-value.ts';
import { valueAt } from '../json/value-at.ts';

const sourceType = z.enum(['http', 'sqs', 'kafka', 'eventbridge']);

export interface SoundPrefect {
  readonly apiUrl: string | null;
  readonly hasAuth: boolean | null;
  readonly requestTimeoutMs: number | null;
}

export interface SoundSource {
  readonly name: string;
  readonly type: z.output<typeof sourceType> | null;
  /** HTTP sources only. */
  readonly path: string | null;
  /** HTTP sources only: how requests are verified, as it is written. */
  readonly verifyScheme: string | null;
  /** HTTP sources with `verify: { scheme: hmac }` only. */
  readonly hmac: z.output<typeof hmacModel> | null;
  /** HTTP sources with `respond: run` only: how long a request waits for its flow runs. */
  readonly runWaitSeconds: number | null;
  /** SQS sources only. */
  readonly queueArn: string | null;
  /** SQS and Kafka sources only; undefined: not stated. */
  readonly order: 'relaxed' | 'strict' | null | undefined;
  /** Kafka sources only. */
  readonly kafka: SoundKafka | null;
  /** Of a queue or topics of the user's own, as stated; undefined: not stated. */
  readonly retentionSeconds: number | null | undefined;
  readonly queue: z.output<typeof queueModel> | null;
  readonly timeoutSeconds: number | null;
}

export interface SoundRoute {
  readonly name: string;
  readonly from: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly retentionSeconds: number | null;
  readonly coalesce: SoundCoalesce | null;
  readonly maxBytes: number | null;
  readonly overflow: RunOverflow | null;
}

export type SoundEndpoint = EndpointConfiguration;

export interface SoundParts {
  readonly prefect: SoundPrefect;
  readonly endpoint: SoundEndpoint | null;
  /** All sources, sound or not: a reference to a broken source is not a second mistake. */
  readonly sources: readonly SoundSource[];
  readonly routes: readonly SoundRoute[];
}

export function soundParts(root: unknown): SoundParts {
  const { apiUrl, auth, requestTimeout } = prefectModel.shape;
  const authentication = read(auth, valueAt(root, ['prefect', 'auth']));
  return {
    prefect: {
      apiUrl: read(apiUrl, valueAt(root, ['prefect', 'apiUrl'])),
      hasAuth: authentication === null ? null : authentication !== 'none',
      requestTimeoutMs: read(requestTimeout, valueAt(root, ['prefect', 'requestTimeout'])),
    },
    endpoint: read(endpointModel, valueAt(root, ['endpoint'])),
    sources: entriesOf(valueAt(root, ['sources'])).map(([name, source]) => ({
      name,
      type: read(sourceType, valueAt(source, ['type'])),
      path: valueAt(source, ['type']) === 'http' ? read(httpPath, valueAt(source, ['path'])) : null,
      verifyScheme: verifySchemeOf(source),
      hmac: read(hmacModel, valueAt(source, ['verify'])),
      runWaitSeconds: runWaitOf(source),
      queueArn: valueAt(source, ['type']) === 'sqs' ? read(queueArn, valueAt(source, ['queueArn'])) : null,
      order: read(order, valueAt(source, ['order'])),
      kafka: valueAt(source, ['type']) === 'kafka' ? readSoundKafka(source) : null,
      retentionSeconds: read(
        (valueAt(source, ['type']) === 'kafka' ? topicRetention : queueRetention).optional(),
        valueAt(source, ['retention']),
      ),
      queue: read(queueModel, valueAt(source, ['queue'])),
      timeoutSeconds: read(functionModel, valueAt(source, ['function']))?.timeout ?? null,
    })),
    routes: entriesOf(valueAt(root, ['routes'])).map(([name, route]) => ({
      name,
      from: read(routeModel.shape.from, valueAt(route, ['from'])),
      tags: read(routeModel.shape.run.shape.tags, valueAt(route, ['run', 'tags'])),
      retentionSeconds: read(dedupeModel, valueAt(route, ['dedupe']))?.retention ?? null,
      coalesce: readSoundCoalesce(valueAt(route, ['coalesce'])),
      maxBytes: read(maxBatchBytes, valueAt(route, ['coalesce', 'maxBytes'])),
      overflow: read(routeModel.shape.run.shape.overflow, valueAt(route, ['run', 'overflow'])),
    })),
  };
}

function verifySchemeOf(source: unknown): string | null {
  if (valueAt(source, ['type']) !== 'http') return null;
  const verify = valueAt(source, ['verify']);
  const scheme = typeof verify === 'string' ? verify : valueAt(verify, ['scheme']);
  return typeof scheme === 'string' ? scheme : null;
}

function runWaitOf(source: unknown): number | null {
  if (valueAt(source, ['type']) !== 'http') return null;
  const respond = read(respondModel, valueAt(source, ['respond']));
  return respond === null || respond === 'accepted' ? null : runWaitSeconds(respond);
}

function entriesOf(map: unknown): readonly [string, unknown][] {
  return typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.entries(map) : [];
}
