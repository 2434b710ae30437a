/** The adapter of Kafka sources: values may name schemas of a registry, and a partition is redelivered as a whole. */
import type { CompiledKafkaSource, CompiledLimits } from '../compiled-config/compiled.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { Deadline } from '../ports.ts';
import { decodeKafkaRecord } from '../schema-registry/decode-kafka.ts';
import { readFraming } from '../schema-registry/framing.ts';
import type { LookedUpSchemas, SchemaCache } from '../schema-registry/schema-cache.ts';
import type { SourceAdapter } from './source-adapter.ts';

export interface KafkaSourceAdapterOptions {
  readonly source: CompiledKafkaSource;
  readonly limits: CompiledLimits;
  /** Null when values name no schemas. */
  readonly schemas: SchemaCache | null;
  readonly deferDeadLetters: SourceAdapter['deferDeadLetters'];
}

/** A registry that responds late leaves time for the records that did not need it. */
const MAX_SCHEMA_WAIT_MS = 10_000;

export function kafkaSourceAdapter({
  source,
  limits,
  schemas: cache,
  deferDeadLetters,
}: KafkaSourceAdapterOptions): SourceAdapter {
  return {
    async decodeRecords(records, deadline) {
      const schemas = cache === null ? new Map() : await lookUpSchemas(records, cache, deadline);
      return records.map((record) => decodeKafkaRecord(record, { source, limits, schemas }));
    },
    deferDeadLetters,
  };
}

/** Look all schemas up at once, before anything is decoded: decoding stays pure. */
async function lookUpSchemas(
  records: readonly ReceivedRecord[],
  cache: SchemaCache,
  deadline: Deadline,
): Promise<LookedUpSchemas> {
  const framed = records.map(readFraming).filter((each) => each.kind === 'framed');
  const timeoutMs = Math.min(MAX_SCHEMA_WAIT_MS, deadline.remainingMs() / 4);
  return await cache.lookUp(
    framed.map(({ schemaId }) => schemaId),
    timeoutMs,
  );
}
