import { parseJson } from '../../json/untrusted-json.ts';
import type { SecretSource } from '../../ports.ts';
import type { RegisteredSchema, SchemaLookupResult, SchemaRegistry } from '../../schema-registry/registry.ts';
import {
  parseSchemaResponse,
  parseSubjectsResponse,
  isNotFoundResponse,
  type ConfluentSchema,
  type SchemaReference,
} from '../../schema-registry/confluent-response.ts';
import { toRegistryAuthorization } from '../../schema-registry/registry-authorization.ts';
import { schemaPath, type SchemaId } from '../../schema-registry/schema-id.ts';
import { SecretUnavailableError } from '../../unavailable-error.ts';
import { HttpExchange } from './http-client.ts';

export interface ConfluentSchemaRegistryOptions {
  /** With the path before `/schemas/ids`. */
  readonly url: string;
  /** Name or ARN of the secret with user and password; null: the registry wants none. */
  readonly authSecret: string | null;
  readonly secrets: SecretSource;
  /** Of Sluice, for `User-Agent`. */
  readonly version: string;
}

type Answer =
  | { readonly kind: 'found'; readonly body: unknown }
  | { readonly kind: 'missing' }
  /** `status` 0: no answer, or none of a registry. */
  | { readonly kind: 'unavailable'; readonly status: number; readonly detail: string };

type References = RegisteredSchema['references'];

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** A schema that refers to more is refused rather than followed. */
const MAX_REFERENCES = 100;

/** Confluent's API: Confluent Platform and Cloud, Apicurio's ccompat, Karapace. */
export class ConfluentSchemaRegistry implements SchemaRegistry {
  readonly #options: ConfluentSchemaRegistryOptions;
  readonly #baseUrl: string;
  readonly #http = new HttpExchange();

  constructor(options: ConfluentSchemaRegistryOptions) {
    this.#options = options;
    this.#baseUrl = options.url.replace(/\/+$/, '');
  }

  async readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult> {
    if (id.kind === 'glue') {
      return { kind: 'unknown', detail: 'it is framed for AWS Glue, and the registry is another' };
    }
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)));
    try {
      return await this.#read(id, signal);
    } catch (error) {
      if (error instanceof SecretUnavailableError || error instanceof UnusableRegistrySecretError) {
        return { kind: 'unavailable', detail: error.message };
      }
      throw error;
    }
  }

  /** Closes idle connections, so that a process can end. */
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

  async #schemaAt(
    path: string,
    signal: AbortSignal,
  ): Promise<Exclude<SchemaLookupResult, { kind: 'schema' }> | Found<ConfluentSchema>> {
    const answer = await this.#get(path, signal);
    switch (answer.kind) {
      case 'found': {
        const body = parseSchemaResponse(answer.body);
        if (body !== undefined) return { kind: 'found', body };
        return {
          kind: 'unavailable',
          detail: `what answers ${path} is no schema registry that Sluice knows`,
        };
      }
      case 'missing':
        return { kind: 'unknown', detail: `${path} is not found` };
      case 'unavailable':
        return { kind: 'unavailable', detail: answer.detail };
    }
  }

  /** Depth first, so that each comes before those that refer to it. */
  async #collect(
    references: readonly SchemaReference[],
    signal: AbortSignal,
    seen: Set<string>,
  ): Promise<Exclude<SchemaLookupResult, { kind: 'schema' }> | Found<References>> {
    const collected: References[number][] = [];
    for (const { name, subject, version } of references) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${String(version)}`;
      // One schema may be imported by several names.
      const key = `${path} ${name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MAX_REFERENCES) {
        return { kind: 'unknown', detail: `it refers to more than ${MAX_REFERENCES} others` };
      }
      const schema = await this.#schemaAt(path, signal);
      if (schema.kind !== 'found') return schema;
      const inner = await this.#collect(schema.body.references, signal, seen);
      if (inner.kind !== 'found') return inner;
      collected.push(...inner.body, { name, text: schema.body.text });
    }
    return { kind: 'found', body: collected };
  }

  /** Registries differ in whether they have this, and in who may ask: then the subject is not known. */
  async #subjectsAt(
    path: string,
    signal: AbortSignal,
  ): Promise<Extract<SchemaLookupResult, { kind: 'unavailable' }> | Found<readonly string[]>> {
    const answer = await this.#get(`${path}/subjects`, signal);
    if (answer.kind === 'found') return { kind: 'found', body: parseSubjectsResponse(answer.body) };
    const isRefused = answer.kind === 'missing' || (answer.status >= 400 && answer.status < 429);
    return isRefused ? NO_SUBJECTS : { kind: 'unavailable', detail: answer.detail };
  }

  async #get(path: string, signal: AbortSignal): Promise<Answer> {
    const authorization = await this.#authorization(false);
    const answer = await this.#exchange(path, authorization, signal);
    if (answer.kind !== 'unavailable' || answer.status !== 401) return answer;
    // The secret may have been rotated since it was read. The same secret again would only be refused again.
    const renewed = await this.#authorization(true);
    return renewed === authorization ? answer : this.#exchange(path, renewed, signal);
  }

  async #exchange(path: string, authorization: string | null, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#http.exchange({
      method: 'GET',
      url: new URL(`${this.#baseUrl}${path}`),
      headers: {
        'accept': 'application/vnd.schemaregistry.v1+json, application/json',
        'user-agent': `sluice/${this.#options.version}`,
        ...(authorization !== null && { authorization }),
      },
      body: null,
      signal,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    if (answer.kind === 'unanswered') return { kind: 'unavailable', status: 0, detail: answer.detail };
    const body = parseJson(answer.body);
    if (answer.status === 200 && body !== undefined) return { kind: 'found', body };
    if (answer.status === 404 && isNotFoundResponse(body)) return { kind: 'missing' };
    return { kind: 'unavailable', status: answer.status, detail: `${path} was answered ${answer.status}` };
  }

  async #authorization(refresh: boolean): Promise<string | null> {
    const { authSecret, secrets } = this.#options;
    if (authSecret === null) return null;
    const authorization = toRegistryAuthorization(await secrets.readSecret(authSecret, refresh));
    if (authorization.kind === 'header') return authorization.value;
    throw new UnusableRegistrySecretError(authSecret, authorization.detail);
  }
}

interface Found<Body> {
  readonly kind: 'found';
  readonly body: Body;
}

const NO_SUBJECTS: Found<readonly string[]> = { kind: 'found', body: [] };

/** The secret with the registry's credentials is there, but not of the shape that Sluice knows. */
class UnusableRegistrySecretError extends Error {
  override readonly name = 'UnusableRegistrySecretError';
  readonly canRetry = false;

  constructor(secretId: string, problem: string) {
    super(`the secret ${secretId} does not hold credentials of a schema registry: ${problem}`);
  }
}
