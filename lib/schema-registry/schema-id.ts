/** Identity of the schema that a value was written with. */
import type { CompiledSchemaRegistry } from '../compiled-config/compiled.ts';

export type SchemaId =
  | { readonly kind: 'confluent-id'; readonly id: number }
  | { readonly kind: 'confluent-guid'; readonly guid: string }
  | { readonly kind: 'glue'; readonly versionId: string };

/** Return the registry's own id of the schema: `42`, or a UUID. */
export function schemaIdText(schemaId: SchemaId): string {
  switch (schemaId.kind) {
    case 'confluent-id':
      return String(schemaId.id);
    case 'confluent-guid':
      return schemaId.guid;
    case 'glue':
      return schemaId.versionId;
  }
}

/** Return a key that is unique among the schemas of one registry. */
export function schemaKey(schemaId: SchemaId): string {
  return `${schemaId.kind}:${schemaIdText(schemaId)}`;
}

/** Return the schema's path below the URL of a registry with Confluent's API. */
export function schemaPath(schemaId: Exclude<SchemaId, { kind: 'glue' }>): string {
  return schemaId.kind === 'confluent-id'
    ? `/schemas/ids/${String(schemaId.id)}`
    : `/schemas/guids/${schemaId.guid}`;
}

/** Return CloudEvents' `dataschema`: the schema's URL in the registry, or for AWS Glue the id of its version. */
export function dataschemaOf(schemaId: SchemaId, registry: CompiledSchemaRegistry): string {
  if (schemaId.kind === 'glue') return `urn:uuid:${schemaId.versionId}`;
  return registry.kind === 'confluent'
    ? `${registry.url.replace(/\/+$/, '')}${schemaPath(schemaId)}`
    : `urn:confluent:${schemaIdText(schemaId)}`;
}
