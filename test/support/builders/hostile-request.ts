/** Arbitrary requests, as API Gateway would pass them on: from nearly right to nothing like it. */
import fc from 'fast-check';
import type { HttpIngestEvent } from '../../../functions/http-ingest/request.ts';
import { jsonText } from './json-text.ts';
import { makeApiGatewayEvent } from './make-api-gateway-event.ts';
import { eventBridgeEvent, S3_TEST_EVENT, s3Notification, snsEnvelope } from './make-envelope.ts';

const structured = '{"specversion":"1.0","id":"1","source":"/a","type":"t","data":{"n":9007199254740993}}';

/** Bodies that are understood, so that a mutation of one gets past the first check. */
const soundBody = fc.oneof(
  jsonText,
  fc.array(jsonText, { maxLength: 4 }).map((texts) => `[${texts.join(',')}]`),
  jsonText.map((text) => `{"specversion":"1.0","id":"1","source":"/a","type":"t","data":${text}}`),
  jsonText.map((text) => eventBridgeEvent(text)),
  jsonText.map((text) => snsEnvelope(text)),
  fc.webQueryParameters(),
  fc.constantFrom(
    structured,
    `[${structured},${structured}]`,
    s3Notification({}, { key: 'a+b' }),
    snsEnvelope(s3Notification({})),
    S3_TEST_EVENT,
  ),
);

const awkward = fc.constantFrom(
  ...[
    '\\u0000',
    '\\ud800',
    '\ud800',
    '\0',
    '\uFEFF',
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '1e400',
    '-0',
    'NaN',
  ],
  ...[
    '__proto__',
    'constructor',
    '__prefect_kind',
    '\\u005f_prefect_kind',
    'specversion',
    '%',
    '=',
    '&',
    '\uFFFF',
  ],
  ...['9'.repeat(4_301), '['.repeat(300), '{"a":'.repeat(300), '"data":1,"data":2', '\u2028', '\x7f'],
);

/** A piece of a sound body cut out, doubled, or replaced by something awkward. */
const mutatedBody = fc
  .tuple(
    soundBody,
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 5 })),
  )
  .map(([body, seed, length, insert]) => {
    const at = seed % (body.length + 1);
    return body.slice(0, at) + insert + body.slice(at + length);
  });

const body = fc.oneof(
  fc.oneof(soundBody, mutatedBody).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const contentType = fc.oneof(
  fc.constantFrom(
    ...['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.x+json'],
    ...['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/cloudevents+xml'],
    ...[
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      'application/xml',
    ],
    ...[
      'text/plain; charset=utf-16',
      'image/png',
      'application/json; charset="utf-8',
      'application/json;;;',
      '',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const headerName = fc.oneof(
  fc.constantFrom(
    ...[
      'ce-specversion',
      'ce-id',
      'ce-source',
      'ce-type',
      'ce-time',
      'ce-datacontenttype',
      'ce-data',
      'ce-',
      'CE-Id',
    ],
    ...[
      'content-encoding',
      'content-length',
      'x-amz-sns-message-type',
      '__proto__',
      'constructor',
      'cookie',
      'host',
    ],
  ),
  fc.constantFrom(
    ...['x-hub-signature-256', 'stripe-signature', 'x-slack-signature', 'x-slack-request-timestamp'],
    ...['x-twilio-signature', 'x-pagerduty-signature', 'linear-signature', 'x-hubspot-signature-v3'],
    ...[
      'x-hubspot-request-timestamp',
      'x-square-hmacsha256-signature',
      'x-api-key',
      'webhook-request-origin',
    ],
  ),
  fc.string({ maxLength: 20 }),
);
const headerValue = fc.oneof(
  fc.constantFrom(
    '1.0',
    '/a',
    't',
    'gzip',
    'identity',
    '%C0%A0',
    '100%',
    '"open',
    '2026-02-30T00:00:00Z',
    '',
  ),
  fc.constantFrom(
    't=1790000000,v1=00',
    'v0=00',
    'sha256=00',
    `sha256=${'0'.repeat(64)}`,
    '1790000000',
    '-1',
    's3cret',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const cloudEventHeaders = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  {},
  { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' },
);
const authorization = fc.oneof(
  { weight: 6, arbitrary: fc.constant('Bearer s3cret') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'Bearer', 'Bearer wrong', 'Basic s3cret', 'Bearer s3cret,Bearer x'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('POST') },
  { weight: 1, arbitrary: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PUT', 'post', 'TRACE', '') },
);
const path = fc.oneof(
  { weight: 12, arbitrary: fc.constant('/orders') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/orders/', '/Orders', '/%6Frders', '//orders', '/a/../orders', '', '*'),
  },
  { weight: 1, arbitrary: fc.webPath() },
);

/** Either way in which API Gateway carries a body; now and then base64 that is none. */
const carried = fc.oneof(
  { weight: 8, arbitrary: body.map((bytes) => ({ body: bytes.toString('base64'), isBase64Encoded: true })) },
  { weight: 4, arbitrary: body.map((bytes) => ({ body: bytes.toString('utf8'), isBase64Encoded: false })) },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 20 }).map((text) => ({ body: text, isBase64Encoded: true })),
  },
  { weight: 1, arbitrary: fc.constant({ body: undefined, isBase64Encoded: false }) },
);

export const hostileRequest: fc.Arbitrary<HttpIngestEvent> = fc
  .record({
    carried,
    contentType,
    authorization,
    method,
    path,
    cloudEventHeaders,
    headers: fc.dictionary(headerName, headerValue, { maxKeys: 5 }),
    routeKey: fc.constantFrom('$default', 'ANY /orders', 'ANY /{proxy+}'),
  })
  .map(({ carried: { body: text, isBase64Encoded }, headers, cloudEventHeaders: attributes, ...rest }) =>
    makeApiGatewayEvent({
      method: rest.method,
      path: rest.path,
      routeKey: rest.routeKey,
      body: text,
      isBase64Encoded,
      headers: {
        ...attributes,
        'content-type': rest.contentType,
        'authorization': rest.authorization,
        ...headers,
      },
    }),
  );
