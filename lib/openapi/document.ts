/** The OpenAPI 3.1 document of the endpoint that a configuration makes: a path for each HTTP source. */
import type { CompiledHandshake } from '../compiled-config/compiled-handshake.ts';
import type { CompiledConfig, CompiledHttpSource } from '../compiled-config/compiled.ts';
import { DOCUMENTED_PROBLEMS, VERIFICATION_PROBLEMS, type DocumentedProblem } from '../http-problem.ts';
import { VERSION } from '../version.ts';
import {
  ACCEPTED,
  CLOUD_EVENT,
  FOLLOWED,
  problemSchema,
  requestContent,
  type JsonSchema,
} from './schemas.ts';
import { verificationCodes, securitySchemeOf } from './security-scheme.ts';

const HANDSHAKE = { description: "The answer to a sender's handshake." };

const HANDSHAKE_CODES: readonly string[] = [
  'challenge-missing',
  'challenge-malformed',
  'verify-token-invalid',
];

/** `serverUrl` without a slash at the end; null: the configured domains, or relative to where the document lies. */
export function openApiDocument(config: CompiledConfig, serverUrl: string | null): JsonSchema {
  const sources = Object.values(config.sources).filter((source) => source.type === 'http');
  const schemes = sources.flatMap((source) => {
    const scheme = securitySchemeOf(source.verify);
    return scheme === null ? [] : [[source.name, scheme] as const];
  });
  const { domains } = config.endpoint;
  const serverUrls = serverUrl === null ? domains.map(({ name }) => `https://${name}`) : [serverUrl];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version: VERSION,
      description:
        'Events in, Prefect flow runs out. An event that is answered 202 is stored, and a flow run is owed for it; with 201 it is there.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    ...(serverUrls.length > 0 && { servers: serverUrls.map((url) => ({ url })) }),
    paths: Object.fromEntries(sources.map((source) => [source.path, pathItem(source)])),
    components: {
      schemas: {
        Accepted: ACCEPTED,
        CloudEvent: CLOUD_EVENT,
        ...(sources.some(respondsWithRuns) && FOLLOWED),
      },
      securitySchemes: Object.fromEntries(schemes),
    },
  };
}

function pathItem(source: CompiledHttpSource): JsonSchema {
  const isVerified = securitySchemeOf(source.verify) !== null;
  const post = {
    operationId: `post-${source.name}`,
    summary: `Events of the source ${source.name}`,
    security: isVerified ? [{ [source.name]: [] }] : [],
    requestBody: { required: true, content: requestContent(source.format) },
    responses: responses(source),
  };
  const { handshake } = source;
  return {
    post,
    ...(source.webhookOrigins.length > 0 && { options: optionsOperation(source) }),
    ...(handshake?.method === 'GET' && { get: handshakeOperation(source, handshake) }),
    ...(handshake?.method === 'HEAD' && { head: handshakeOperation(source, handshake) }),
  };
}

function handshakeOperation(
  { name }: CompiledHttpSource,
  { method, challenge, token }: CompiledHandshake,
): JsonSchema {
  const parameters = [
    ...(challenge === null ? [] : [challenge]),
    ...(token === null ? [] : [{ in: 'query', name: token.parameter }]),
  ];
  const codes: readonly string[] = [
    ...(challenge === null ? [] : ['challenge-missing', 'challenge-malformed']),
    ...(token === null ? [] : ['verify-token-invalid', 'secret-unusable', 'secret-unavailable']),
    'headers-too-large',
    'internal-error',
  ];
  return {
    operationId: `${method.toLowerCase()}-${name}`,
    summary: "A sender's handshake",
    security: [],
    parameters: parameters.map((each) => ({ ...each, required: true, schema: { type: 'string' } })),
    responses: {
      200: HANDSHAKE,
      ...problemResponses(DOCUMENTED_PROBLEMS.filter(({ code }) => codes.includes(code))),
    },
  };
}

function optionsOperation({ name }: CompiledHttpSource): JsonSchema {
  return {
    operationId: `options-${name}`,
    summary: 'May this sender send? (CloudEvents HTTP webhooks, section 4)',
    security: [],
    parameters: [
      { name: 'WebHook-Request-Origin', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'WebHook-Request-Rate', in: 'header', schema: { type: 'string' } },
    ],
    responses: {
      200: { description: 'It may.', headers: { 'WebHook-Allowed-Origin': { schema: { type: 'string' } } } },
      ...problemResponses(DOCUMENTED_PROBLEMS.filter(({ code }) => code === 'method-not-allowed')),
    },
  };
}

function responses(source: CompiledHttpSource): JsonSchema {
  const verificationCodesOfSource: readonly string[] = verificationCodes(source.verify);
  const possible = DOCUMENTED_PROBLEMS.filter(
    ({ code }) =>
      (source.handshake?.method === 'POST' || !HANDSHAKE_CODES.includes(code)) &&
      (!Object.hasOwn(VERIFICATION_PROBLEMS, code) || verificationCodesOfSource.includes(code)),
  );
  const hasHandshakes =
    source.verify.scheme === 'webhook' ||
    source.verify.scheme === 'sns' ||
    source.handshake?.method === 'POST';
  return {
    ...(hasHandshakes && { 200: HANDSHAKE, 204: HANDSHAKE }),
    ...acceptingResponses(source, hasHandshakes),
    ...problemResponses(possible),
  };
}

function respondsWithRuns({ respond }: CompiledHttpSource): boolean {
  return respond.mode === 'run';
}

function acceptingResponses(source: CompiledHttpSource, hasHandshakes: boolean): JsonSchema {
  switch (source.respond.mode) {
    case 'run':
      return followedResponses(hasHandshakes);
    case 'accepted':
      return { 202: jsonResponse('The events are stored.', 'Accepted') };
    case 'empty':
      return {
        200: { description: `The events are stored.${hasHandshakes ? ` Or: ${HANDSHAKE.description}` : ''}` },
      };
  }
}

function followedResponses(hasHandshakes: boolean): JsonSchema {
  const unwanted = 'No route wants any of the events.';
  return {
    // What a handshake is answered with is the sender's to define.
    200: hasHandshakes
      ? { description: `${unwanted} Or: ${HANDSHAKE.description}` }
      : jsonResponse(unwanted, 'Unwanted'),
    201: jsonResponse('Each event is in a flow run on every route that wants it.', 'Created'),
    202: jsonResponse('The events are stored. Not every flow run is known, or will be.', 'Followed'),
  };
}

function jsonResponse(description: string, schema: string): JsonSchema {
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

/** One response for each status, with the codes that it can have. */
function problemResponses(problems: readonly DocumentedProblem[]): JsonSchema {
  const byStatus = Map.groupBy(problems, ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      String(status),
      {
        description: of.map(({ code, meaning }) => `\`${code}\`: ${meaning}`).join('\n'),
        content: {
          'application/problem+json': {
            schema: problemSchema(
              status,
              of.map(({ code }) => code),
            ),
          },
        },
        ...(status === 503 && { headers: { 'Retry-After': { required: true, schema: { type: 'string' } } } }),
        ...(status === 405 && { headers: { Allow: { required: true, schema: { type: 'string' } } } }),
      },
    ]),
  );
}
