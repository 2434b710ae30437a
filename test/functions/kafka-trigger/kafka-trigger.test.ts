import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createKafkaTriggerHandler,
  type KafkaEvent,
} from '../../../functions/kafka-trigger/kafka-trigger.ts';
import { NotAKafkaEventError } from '../../../functions/kafka-trigger/records.ts';
import { RecordsNotProcessedError } from '../../../functions/kafka-trigger/batch-response.ts';
import { toLambdaEvent } from '../../../scripts/kafka/lambda-event.ts';
import type { CompiledKafkaSource, CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { SchemaCache } from '../../../lib/schema-registry/schema-cache.ts';
import { makeCompiledConfig, makeKafkaSource, makeRoute } from '../../support/builders/compiled-config.ts';
import { confluentFrame, makeSchema, zigzag } from '../../support/builders/framed-values.ts';
import { InMemorySchemaRegistry } from '../../support/fakes/in-memory-schema-registry.ts';
import { makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';
import { PARTIAL_FAILURES_ALIAS } from '../../../lib/compiled-config/partial-failures-alias.ts';
import { makeLambdaContext } from '../../support/builders/make-lambda-context.ts';
import { PipelineParts } from '../../support/builders/pipeline-parts.ts';

const PROVISIONED = { provisioned: { minPollers: 1, maxPollers: 1 } } as const;
const COALESCED = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 } as const;

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:function';

interface TriggerTestOptions {
  readonly schemas?: SchemaCache;
  readonly route?: Partial<CompiledRoute>;
  /** @default - what a mapping of this configuration invokes */
  readonly invokedFunctionArn?: string;
}

function triggerOf(
  overrides: Partial<CompiledKafkaSource> = PROVISIONED,
  { schemas, route, invokedFunctionArn }: TriggerTestOptions = {},
) {
  const source = makeKafkaSource(overrides);
  const config = makeCompiledConfig([source], {
    routes: [makeRoute({ from: [source.name], coalesce: COALESCED, ...route })],
  });
  const parts = new PipelineParts(config);
  const handler = createKafkaTriggerHandler({
    pipeline: {
      installation: 'table',
      config,
      source,
      routes: routesFrom(config, source.name),
      ports: parts.ports,
    },
    schemas: schemas ?? null,
    logger: new Logger(),
    metrics: new Metrics({ namespace: 'test' }),
  });
  const context = makeLambdaContext({
    invokedFunctionArn:
      invokedFunctionArn ??
      (source.provisioned === null ? FUNCTION_ARN : `${FUNCTION_ARN}:${PARTIAL_FAILURES_ALIAS}`),
  });
  return { parts, invoke: (event: unknown) => handler(event as KafkaEvent, context) };
}

/** Values of the partitions of a topic, by partition; offsets begin at 10. */
function eventOf(...partitions: readonly (readonly (string | Buffer | null)[])[]): unknown {
  const records = partitions.flatMap((values, partition) =>
    values.map((value, index) =>
      makeKafkaRecord({
        partition,
        offset: 10 + index,
        value: typeof value === 'string' ? Buffer.from(value) : value,
        key: Buffer.from('k'),
      }),
    ),
  );
  return toLambdaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'b:9092' }, records);
}

const lettersOf = ({ deadLetters }: PipelineParts) =>
  deadLetters.messages.map((letter) => JSON.parse(letter) as Readonly<Record<string, unknown>>);

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the Kafka trigger', () => {
  it('makes one flow run of a Kafka batch, in the order of each partition, and names no failures', async () => {
    const { parts, invoke } = triggerOf();
    const event = eventOf(['{"n":1}', '{"n":2}'], ['{"n":3}']);
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(parts.orders).toEqual([[{ n: 1 }, { n: 2 }, { n: 3 }]]);
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(parts.orders).toHaveLength(1);
  });

  it('dead-letters bad Kafka records with their position and the reason, and runs all others', async () => {
    const { parts, invoke } = triggerOf();
    const event = eventOf(['{"n":1}', 'no JSON', '{"n":2}'], ['\0framed', '{"n":3}']);
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(parts.orders).toEqual([[{ n: 1 }, { n: 2 }, { n: 3 }]]);
    expect(lettersOf(parts)).toMatchObject([
      {
        code: 'invalid-json',
        origin: { kind: 'kafka', cluster: 'b:9092', topic: 'orders', partition: 0, offset: 11 },
        record: { id: 'orders-0@11', encoding: 'base64', body: 'bm8gSlNPTg==', key: 'aw==', headerList: [] },
      },
      { code: 'unexpected-schema-framing', origin: { partition: 1, offset: 10 } },
    ]);
  });

  it('dead-letters a Kafka record that cannot be parsed as it was received', async () => {
    const { parts, invoke } = triggerOf();
    const raw = { topic: 'orders', partition: 0, offset: -1, value: '!' };
    const event = { eventSource: 'aws:kafka', records: { 'orders-0': [raw] } };
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(lettersOf(parts)).toMatchObject([
      { code: 'malformed-record', record: { encoding: 'text', body: JSON.stringify(raw) } },
    ]);
  });

  it('names failed records and the dead letters behind them, and settles each once in the end', async () => {
    const { parts, invoke } = triggerOf();
    const event = eventOf(['bad too', '{"n":1}', 'bad'], ['bad']);
    parts.prefect.planCreates({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    expect(await invoke(event)).toEqual({
      batchItemFailures: [11, 12].map((offset) => ({ itemIdentifier: { partition: 'orders-0', offset } })),
    });
    expect(lettersOf(parts).map(({ origin }) => origin)).toMatchObject([
      { partition: 0, offset: 10 },
      { partition: 1, offset: 10 },
    ]);
    parts.letLeasesEnd();
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(parts.orders).toEqual([[{ n: 1 }]]);
    expect(lettersOf(parts).map(({ origin }) => origin)).toContainEqual(
      expect.objectContaining({ partition: 0, offset: 12 }),
    );
  });

  it('throws where the mapping takes no partial failures, after settling all records that can be settled', async () => {
    const { parts, invoke } = triggerOf({ provisioned: null });
    const event = eventOf(['{"n":1}', 'bad']);
    parts.prefect.planCreates({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    await expect(invoke(event)).rejects.toThrow(RecordsNotProcessedError);
    expect(parts.deadLetters.messages).toEqual([]);

    parts.letLeasesEnd();
    await untilDone(() => invoke(event));
    expect(parts.orders).toEqual([[{ n: 1 }]]);
    expect(lettersOf(parts)).toMatchObject([{ code: 'invalid-json' }]);
  });

  it('names no failed records to on-demand pollers, which would lose them, while a deployment switches to provisioned ones', async () => {
    const { parts, invoke } = triggerOf(PROVISIONED, { invokedFunctionArn: FUNCTION_ARN });
    parts.prefect.planCreates({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    await expect(invoke(eventOf(['{"n":1}']))).rejects.toThrow(RecordsNotProcessedError);
  });

  it('takes tombstones only on a route that asks for them', async () => {
    const event = eventOf(['{"n":1}', null]);
    const without = triggerOf();
    expect(await without.invoke(event)).toEqual({ batchItemFailures: [] });
    expect(without.parts.orders).toEqual([[{ n: 1 }]]);

    const withThem = triggerOf(PROVISIONED, { route: { when: 'event.tombstone || event.data.n > 0' } });
    expect(await withThem.invoke(event)).toEqual({ batchItemFailures: [] });
    expect(withThem.parts.orders).toEqual([[{ n: 1 }, null]]);
  });

  it('throws when it was not invoked by a Kafka mapping', async () => {
    await expect(triggerOf().invoke({ Records: [] })).rejects.toThrow(NotAKafkaEventError);
  });

  it('decodes values by their schemas, and retries while the registry is unavailable', async () => {
    const registry = new InMemorySchemaRegistry({
      'confluent-id:1': { kind: 'schema', schema: makeSchema({ text: '"long"' }) },
    });
    const { parts, invoke } = triggerOf(
      {
        ...PROVISIONED,
        format: 'avro',
        schemaRegistry: { kind: 'confluent', url: 'https://registry.example.com', authSecret: null },
      },
      { schemas: new SchemaCache(registry, 'avro') },
    );
    const event = eventOf([confluentFrame(1, zigzag(5n)), confluentFrame(2, zigzag(6n)), '{"n":1}', null]);
    registry.isReachable = false;
    expect(await invoke(event)).toEqual({
      batchItemFailures: [10, 11, 12].map((offset) => ({
        itemIdentifier: { partition: 'orders-0', offset },
      })),
    });
    expect(parts.deadLetters.messages).toEqual([]);

    registry.isReachable = true;
    expect(await invoke(event)).toEqual({ batchItemFailures: [] });
    expect(parts.orders).toEqual([[5]]);
    expect(lettersOf(parts).map(({ code }) => code)).toEqual(['schema-unknown', 'schema-id-missing']);
  });
});

/** Delivers again until nothing is asked for any more. */
async function untilDone(invoke: () => Promise<unknown>, deliveriesLeft = 10): Promise<void> {
  try {
    expect(await invoke()).toEqual({ batchItemFailures: [] });
  } catch (error) {
    if (deliveriesLeft === 0 || !(error instanceof RecordsNotProcessedError)) throw error;
    await untilDone(invoke, deliveriesLeft - 1);
  }
}
