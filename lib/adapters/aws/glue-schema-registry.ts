import { GetSchemaVersionCommand, GlueClient } from '@aws-sdk/client-glue';
import type { SchemaLookupResult, SchemaRegistry, SchemaType } from '../../schema-registry/registry.ts';
import type { SchemaId } from '../../schema-registry/schema-id.ts';
import { awsClientSettings } from './aws-client-settings.ts';
import { errorName } from './aws-error.ts';

const TYPES: ReadonlyMap<string | undefined, SchemaType> = new Map<string | undefined, SchemaType>([
  ['AVRO', 'avro'],
  ['PROTOBUF', 'protobuf'],
  ['JSON', 'json-schema'],
]);

/** AWS Glue Schema Registry, in which a schema is one text without references. */
export class GlueSchemaRegistry implements SchemaRegistry {
  readonly #client: GlueClient;

  constructor(client: GlueClient) {
    this.#client = client;
  }

  /** https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchemaVersion.html */
  async readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult> {
    if (id.kind !== 'glue') {
      return {
        kind: 'unknown',
        detail: "it is framed for a registry with Confluent's API, and the registry is AWS Glue",
      };
    }
    const { versionId } = id;
    try {
      const response = await this.#client.send(new GetSchemaVersionCommand({ SchemaVersionId: versionId }), {
        abortSignal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs))),
      });
      const { SchemaDefinition: text, DataFormat, SchemaArn } = response;
      const type = TYPES.get(DataFormat);
      if (text === undefined || type === undefined) {
        return { kind: 'unknown', detail: `schema version ${versionId} has no definition in a known format` };
      }
      return { kind: 'schema', schema: { type, text, references: [], subjects: subjectsIn(SchemaArn) } };
    } catch (error) {
      const name = errorName(error);
      return name === 'EntityNotFoundException'
        ? { kind: 'unknown', detail: `schema version ${versionId} is not found` }
        : // A deployment fixes denied access, too: values that arrive before it must not be lost.
          { kind: 'unavailable', detail: `AWS Glue: ${name}` };
    }
  }
}

/** Take the name from `arn:aws:glue:<region>:<account>:schema/<registry>/<name>`. */
function subjectsIn(schemaArn: string | undefined): readonly string[] {
  const name = /:schema\/[^/]+\/(.+)$/.exec(schemaArn ?? '')?.[1];
  return name === undefined ? [] : [name];
}

export function createGlueSchemaRegistry(region: string): GlueSchemaRegistry {
  return new GlueSchemaRegistry(new GlueClient({ region, ...awsClientSettings() }));
}
