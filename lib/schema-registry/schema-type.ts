import type { KafkaFormat } from '../compiled-config/compiled.ts';
import type { SchemaType } from './registry.ts';

/** The kind of schema that values of this format name; null: they name none. */
export function schemaTypeOf(format: KafkaFormat): SchemaType | null {
  return format === 'avro' || format === 'protobuf' || format === 'json-schema' ? format : null;
}
