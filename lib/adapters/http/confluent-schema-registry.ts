import type { CompiledRegistryOauth } from '../../compiled-config/compiled.ts';
import { parseJson } from '../../json/untrusted-json.ts';
import {
  isNotFoundResponse,
  parseSchemaResponse,
  parseVersionsResponse,
  type ConfluentSchema,
  type SchemaReference,
} from '../../schema-registry/confluent-response.ts';
import type { RegisteredSchema, SchemaLookupResult, SchemaRegistry } from '../../schema-registry/registry.ts';
import { toRegistryAuthorization } from '../../schema-registry/registry-authorization.ts';
import { schemaPath, type SchemaId } from '../../schema-registry/schema-id.ts';
import type { Clock, SecretSource } from '../../ports.ts';
import { SecretUnavailableError } from '../../unavailable-error.ts';
import { HttpClient } from './http-client.ts';
import { OauthTokenSource } from './oauth-token-source.ts';

export interface ConfluentSchemaRegistryOptions {
  /** The URL up to the path before `/schemas/ids`. */
  readonly url: string;
  /** Name or ARN of the secret with the credentials; null if the registry needs none. */
  readonly authSecret: string | null;
  /** @default - a token without a scope */
  readonly oauth?: CompiledRegistryOauth;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  /** The version of Sluice, for `User-Agent`. */
  readonly version: string;
}

type Unavailable = Extract<SchemaLookupResult, { kind: 'unavailable' }>;
type NotFound = Exclude<SchemaLookupResult, { kind: 'schema' }>;
type References = RegisteredSchema['references'];

interface Found<Body> {
  readonly kind: 'found';
  readonly body: Body;
}

/** `status` is 0 when no response came. */
type GetResult = Found<unknown> | { readonly kind: 'missing' } | (Unavailable & { readonly status: number });

const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** A schema with more references is refused rather than followed. */
const MAX_REFERENCES = 100;

/** A registry with Confluent's API: Confluent Platform and Cloud, Apicurio's ccompat, Karapace. */
export class ConfluentSchemaRegistry implements SchemaRegistry {
  readonly #options: ConfluentSchemaRegistryOptions;
  readonly #baseUrl: string;
  readonly #http = new HttpClient();
  readonly #tokens: OauthTokenSource;

  constructor(options: ConfluentSchemaRegistryOptions) {
    const { clock, oauth } = options;
    this.#options = options;
    const scope = { scope: oauth?.scope ?? null, audience: oauth?.audience ?? null };
    this.#tokens = new OauthTokenSource({ http: this.#http, clock, scope });
    this.#baseUrl = options.url.replace(/\/+$/, '');
  }

  async readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult> {
    if (id.kind === 'glue') {
      return { kind: 'unknown', detail: "it is framed for AWS Glue, and the registry has Confluent's API" };
    }
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)));
    try {
      return await this.#read(id, signal);
    } catch (error) {
      if (
        error instanceof SecretUnavailableError ||
        error instanceof UnusableRegistrySecretError ||
        error instanceof TokenUnavailableError
      ) {
        return { kind: 'unavailable', detail: error.message };
      }
      throw error;
    }
  }

  /** Close idle connections, so that a process can end. */
  close(): void {
    this.#http.close();
  }

  async #read(id: Exclude<SchemaId, { kind: 'glue' }>, signal: AbortSignal): Promise<SchemaLookupResult> {
    const path = schemaPath(id);
    const schema = await this.#schemaAt(path, signal);
    if (schema.kind !== 'found') return schema;
    const { type, text } = schema.body;
    const references = await this.#collect(schema.body.references, signal, new Set());
    if (references.kind !== 'found') return references;
    const subjects = id.kind === 'confluent-id' ? await this.#subjectsAt(path, signal) : NO_SUBJECTS;
    if (subjects.kind !== 'found') return subjects;
    return { kind: 'schema', schema: { type, text, references: references.body, subjects: subjects.body } };
  }

  async #schemaAt(path: string, signal: AbortSignal): Promise<NotFound | Found<ConfluentSchema>> {
    const result = await this.#get(path, signal);
    switch (result.kind) {
      case 'found': {
        const body = parseSchemaResponse(result.body);
        if (body !== undefined) return { kind: 'found', body };
        return {
          kind: 'unavailable',
          detail: `the response to ${path} is not one of a schema registry that Sluice knows`,
        };
      }
      case 'missing':
        return { kind: 'unknown', detail: `${path} is not found` };
      case 'unavailable':
        return { kind: 'unavailable', detail: result.detail };
    }
  }

  /**
   * Collect references depth first, so that each comes before those that refer to it. Where several go by one name,
   * in two versions perhaps, the first counts, as in Confluent's clients (AbstractSchemaProvider.java).
   */
  async #collect(
    references: readonly SchemaReference[],
    signal: AbortSignal,
    seenNames: Set<string>,
  ): Promise<NotFound | Found<References>> {
    const collected: References[number][] = [];
    for (const { name, subject, version } of references) {
      if (seenNames.has(name)) continue;
      seenNames.add(name);
      if (seenNames.size > MAX_REFERENCES) {
        return { kind: 'unknown', detail: `it has more than ${MAX_REFERENCES} references` };
      }
      const schema = await this.#schemaAt(referencePath(subject, version), signal);
      if (schema.kind !== 'found') return schema;
      const inner = await this.#collect(schema.body.references, signal, seenNames);
      if (inner.kind !== 'found') return inner;
      collected.push(...inner.body, { name, text: schema.body.text });
    }
    return { kind: 'found', body: collected };
  }

  /** Not all registries have this endpoint or allow it: the subjects are then not known. */
  async #subjectsAt(path: string, signal: AbortSignal): Promise<Unavailable | Found<readonly string[]>> {
    const result = await this.#get(`${path}/versions`, signal);
    if (result.kind === 'found') return { kind: 'found', body: parseVersionsResponse(result.body) };
    const isRefused = result.kind === 'missing' || (result.status >= 400 && result.status < 429);
    return isRefused ? NO_SUBJECTS : { kind: 'unavailable', detail: result.detail };
  }

  async #get(path: string, signal: AbortSignal): Promise<GetResult> {
    const authorization = await this.#authorization(false, signal);
    const result = await this.#request(path, authorization, signal);
    if (result.kind !== 'unavailable' || result.status !== 401) return result;
    // The secret may have been rotated since it was read, or its token revoked. The same would only be refused again.
    const renewed = await this.#authorization(true, signal);
    return renewed === authorization ? result : this.#request(path, renewed, signal);
  }

  async #request(path: string, authorization: string | null, signal: AbortSignal): Promise<GetResult> {
    const response = await this.#http.request({
      method: 'GET',
      url: new URL(`${this.#baseUrl}${path}`),
      headers: {
        'accept': 'application/vnd.schemaregistry.v1+json, application/json',
        'user-agent': `sluice/${this.#options.version}`,
        ...(authorization !== null && { authorization }),
        ...(authorization?.startsWith('Bearer ') === true && confluentCloudHeaders(this.#options.oauth)),
      },
      body: null,
      signal,
      maxAnswerBytes: MAX_RESPONSE_BYTES,
    });
    if (response.kind === 'unanswered') return { kind: 'unavailable', status: 0, detail: response.detail };
    const body = parseJson(response.body);
    if (response.status === 200 && body !== undefined) return { kind: 'found', body };
    if (response.status === 404 && isNotFoundResponse(body)) return { kind: 'missing' };
    const { status } = response;
    return { kind: 'unavailable', status, detail: `the registry responded to ${path} with status ${status}` };
  }

  async #authorization(refresh: boolean, signal: AbortSignal): Promise<string | null> {
    const { authSecret, secrets } = this.#options;
    if (authSecret === null) return null;
    const authorization = toRegistryAuthorization(await secrets.readSecret(authSecret, refresh));
    switch (authorization.kind) {
      case 'header':
        return authorization.value;
      case 'oauth': {
        const result = await this.#tokens.readToken(authorization.credentials, refresh, signal);
        if (result.kind === 'token') return `Bearer ${result.token.value}`;
        throw new TokenUnavailableError(authSecret, result.detail);
      }
      case 'unusable':
        throw new UnusableRegistrySecretError(authSecret, authorization.detail);
    }
  }
}

/** https://docs.confluent.io/cloud/current/sr/sr-rest-apis.html, for OAuth */
function confluentCloudHeaders(oauth: CompiledRegistryOauth | undefined): Readonly<Record<string, string>> {
  const { logicalCluster = null, identityPool = null } = oauth ?? {};
  return {
    ...(logicalCluster !== null && { 'target-sr-cluster': logicalCluster }),
    ...(identityPool !== null && { 'confluent-identity-pool-id': identityPool }),
  };
}

/** A version that was deleted softly is still what the schemas that refer to it mean. */
function referencePath(subject: string, version: number): string {
  return `/subjects/${encodeURIComponent(subject)}/versions/${String(version)}?deleted=true`;
}

const NO_SUBJECTS: Found<readonly string[]> = { kind: 'found', body: [] };

/** The secret with the registry's credentials exists, but its text is not of the shape that Sluice knows. */
class UnusableRegistrySecretError extends Error {
  override readonly name = 'UnusableRegistrySecretError';

  constructor(secretId: string, problem: string) {
    super(`the secret ${secretId} does not hold credentials of a schema registry: ${problem}`);
  }
}

/** The identity provider gives no token: it is not there, or refuses the client. */
class TokenUnavailableError extends Error {
  override readonly name = 'TokenUnavailableError';

  constructor(secretId: string, problem: string) {
    super(`no access token with the client of the secret ${secretId}: ${problem}`);
  }
}
