/** The JSON Schemas of bodies and answers in the OpenAPI document. */
import type { SourceFormat } from '../compiled-config/compiled.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const TEXT: JsonSchema = { type: 'string', minLength: 1 };

/** Of events that are stored; `more` is what else is said of each. */
function eventsAnswer(more: JsonSchema = {}): JsonSchema {
  return {
    type: 'object',
    required: ['events'],
    properties: {
      events: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'source', ...Object.keys(more)],
          properties: { id: TEXT, source: TEXT, ...more },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  };
}

export const ACCEPTED = eventsAnswer();

/** What a route made of an event, as `lib/flow-run-status/status.ts` has it. */
function routeState(
  state: string,
  properties: JsonSchema = {},
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    required: ['route', 'state', ...required],
    properties: { route: TEXT, state: { const: state }, ...properties },
    additionalProperties: false,
  };
}

const CREATED = routeState('created', { flowRunId: TEXT }, ['flowRunId']);
const ANY_STATE: JsonSchema = {
  oneOf: [
    CREATED,
    routeState('pending'),
    routeState('held'),
    routeState('dead-lettered', { code: TEXT, flowRunId: TEXT }, ['code']),
  ],
};

function followed(route: JsonSchema | false): JsonSchema {
  return eventsAnswer({ routes: { type: 'array', items: route } });
}

/** Answers of a source with `respond: run`, by status. */
export const FOLLOWED = {
  Unwanted: followed(false),
  Created: followed(CREATED),
  Followed: followed(ANY_STATE),
};

/** As much as JSON Schema can say of https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/cloudevents.json. */
export const CLOUD_EVENT: JsonSchema = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: TEXT,
    source: { ...TEXT, format: 'uri-reference' },
    type: TEXT,
    subject: TEXT,
    time: { type: 'string', format: 'date-time' },
    datacontenttype: TEXT,
    dataschema: { ...TEXT, format: 'uri' },
    data: true,
    data_base64: { type: 'string', contentEncoding: 'base64' },
  },
  additionalProperties: { type: ['string', 'integer', 'boolean', 'null'] },
  propertyNames: { pattern: '^(?:[a-z0-9]+|data_base64)$' },
};

/** RFC 9457. */
export function problemSchema(status: number, codes: readonly string[]): JsonSchema {
  const code = { enum: codes };
  const detail = { type: 'string' };
  const index = { type: 'integer', minimum: 0 };
  return {
    type: 'object',
    required: ['status', 'title', 'code', 'detail', 'requestId'],
    properties: {
      status: { const: status },
      title: { type: 'string' },
      code,
      detail,
      requestId: { type: 'string' },
      index,
      badEvents: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', 'code', 'detail'],
          properties: { index, code: { type: 'string' }, detail },
        },
      },
    },
    additionalProperties: false,
  };
}

const CLOUD_EVENTS_CONTENT: JsonSchema = {
  'application/cloudevents+json': { schema: { $ref: '#/components/schemas/CloudEvent' } },
  'application/cloudevents-batch+json': {
    schema: { type: 'array', items: { $ref: '#/components/schemas/CloudEvent' } },
  },
};
const ANY_JSON: JsonSchema = { schema: true };
const ANY_TEXT: JsonSchema = { schema: { type: 'string' } };

/** What a source of this format reads, by media type. CloudEvents in binary mode may have any of these types. */
export function requestContent(format: SourceFormat): JsonSchema {
  switch (format) {
    case 'auto':
      return {
        'application/json': ANY_JSON,
        ...CLOUD_EVENTS_CONTENT,
        'application/x-www-form-urlencoded': { schema: { type: 'object' } },
        'text/plain': ANY_TEXT,
        'application/xml': ANY_TEXT,
        'application/octet-stream': {},
      };
    case 'json':
      return { 'application/json': ANY_JSON };
    case 'cloudevents':
      return CLOUD_EVENTS_CONTENT;
    case 'text':
      return { 'text/plain': ANY_TEXT };
    case 'binary':
      return { 'application/octet-stream': {} };
  }
}
