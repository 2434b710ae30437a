import type { KafkaFormat } from '../compiled-config/compiled.ts';
import type { SchemaType } from './registry.ts';

/** Return the type of the schemas that values in this format name, or null if they name none. */
export function schemaTypeOf(format: KafkaFormat): SchemaType | null {
  return format === 'avro' || format === 'protobuf' || format === 'json-schema' ? format : null;
}
