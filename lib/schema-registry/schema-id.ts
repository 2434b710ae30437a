/** How a value names the schema that it was written with. */
import type { CompiledSchemaRegistry } from '../compiled-config/compiled.ts';

export type SchemaId =
  | { readonly kind: 'confluent-id'; readonly id: number }
  | { readonly kind: 'confluent-guid'; readonly guid: string }
  | { readonly kind: 'glue'; readonly versionId: string };

/** What the registry calls the schema: `42`, or a UUID. */
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

/** Tells schemas of one registry apart. */
export function schemaKey(schemaId: SchemaId): string {
  return `${schemaId.kind}:${schemaIdText(schemaId)}`;
}

/** Path below the URL of a registry with Confluent's API, and the rest of the schema's URI. */
export function schemaPath(schemaId: Exclude<SchemaId, { kind: 'glue' }>): string {
  return schemaId.kind === 'confluent-id'
    ? `/schemas/ids/${String(schemaId.id)}`
    : `/schemas/guids/${schemaId.guid}`;
}

/** CloudEvents' `dataschema`: where the registry shows the schema, or for AWS Glue the id of the schema version. */
export function dataschemaOf(schemaId: SchemaId, registry: CompiledSchemaRegistry): string {
  if (schemaId.kind === 'glue') return `urn:uuid:${schemaId.versionId}`;
  return registry.kind === 'confluent'
    ? `${registry.url.replace(/\/+$/, '')}${schemaPath(schemaId)}`
    : `urn:confluent:${schemaIdText(schemaId)}`;
}
