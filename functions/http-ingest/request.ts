/** API Gateway's event (payload format 2.0, HTTP API and Function URL alike) as a request of ours. */
import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
} from 'aws-lambda';
import type { CompiledHandshake } from '../../lib/compiled-config/compiled-handshake.ts';
import type { CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import type { IngestRequest } from '../../lib/ingest.ts';
import { isObject } from '../../lib/json/untrusted-json.ts';
import { isHandshakePost } from '../../lib/verification/handshake-request.ts';
import type { ClientCertificate, Handshake } from '../../lib/verification/verification.ts';
import { webhookOriginHandshake } from '../../lib/verification/webhook-origin.ts';

/** The authorizer is there only on routes that have one, and `iam` only when that one is IAM. */
export type HttpIngestEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & {
    readonly authorizer?: Partial<APIGatewayEventRequestContextIAMAuthorizer>;
  }
>;

/** A request that is answered only after its body or its token was looked at. */
export type PendingRequest =
  | { readonly kind: 'request'; readonly request: IngestRequest }
  | {
      readonly kind: 'handshake-request';
      readonly request: IngestRequest;
      readonly handshake: CompiledHandshake;
    };

export type ParsedRequest =
  | PendingRequest
  | { readonly kind: 'not-found' }
  | { readonly kind: 'method-not-allowed'; readonly allow: string }
  | Handshake
  | { readonly kind: 'headers-too-large'; readonly maxHeaderBytes: number }
  | { readonly kind: 'body-too-large'; readonly maxBodyBytes: number }
  | { readonly kind: 'body-invalid-base64' };

/** API Gateway itself takes 10,240 bytes; a Function URL has no limit that AWS documents. */
const MAX_HEADER_BYTES = 16_384;

/** The function was not invoked with payload format 2.0: by a REST API, a load balancer or a test event of the console. */
export class NotAnHttpApiEventError extends Error {
  override readonly name = 'NotAnHttpApiEventError';
  readonly retryable = false;

  constructor() {
    super(
      'the event has no requestContext.http: invoke this function from an HTTP API with payload format 2.0 ' +
        'or from a Function URL only',
    );
  }
}

/** @throws NotAnHttpApiEventError */
export function assertHttpApiEvent(event: unknown): asserts event is HttpIngestEvent {
  const context = isObject(event) ? event['requestContext'] : undefined;
  if (!isObject(context) || !isObject(context['http'])) throw new NotAnHttpApiEventError();
}

/**
 * Nothing of the body is looked at but its length, and that before it is decoded; and whether a small one is a handshake,
 * where the source has one by POST. Only a POST ever becomes a request with events.
 */
export function parseRequest(event: HttpIngestEvent, source: CompiledHttpSource): ParsedRequest {
  if (pathOf(event) !== source.path) return { kind: 'not-found' };
  const { handshake, webhookOrigins } = source;
  const { method } = event.requestContext.http;
  const isAsked = handshake !== null && handshake.method === method;
  if (method !== 'POST' && method !== 'OPTIONS' && !isAsked) return methodNotAllowed(handshake);
  if (headerBytes(event) > MAX_HEADER_BYTES) {
    return { kind: 'headers-too-large', maxHeaderBytes: MAX_HEADER_BYTES };
  }
  if (method === 'OPTIONS') {
    return webhookOriginHandshake(headersOf(event), webhookOrigins) ?? methodNotAllowed(handshake);
  }
  if (isAsked && method !== 'POST') {
    return { kind: 'handshake-request', handshake, request: requestOf(event, new Uint8Array()) };
  }
  if (bodyBytes(event) > source.maxBodyBytes) {
    return { kind: 'body-too-large', maxBodyBytes: source.maxBodyBytes };
  }
  if (event.isBase64Encoded && !isBase64(event.body ?? '')) return { kind: 'body-invalid-base64' };
  const request = requestOf(event, bodyOf(event));
  if (isAsked && isHandshakePost(request, handshake))
    return { kind: 'handshake-request', handshake, request };
  return { kind: 'request', request };
}

function methodNotAllowed(handshake: CompiledHandshake | null): ParsedRequest {
  const other = handshake === null || handshake.method === 'POST' ? '' : `, ${handshake.method}`;
  return { kind: 'method-not-allowed', allow: `POST${other}` };
}

function requestOf(event: HttpIngestEvent, unverifiedBody: Uint8Array): IngestRequest {
  const { requestId, timeEpoch, authorizer } = event.requestContext;
  return {
    requestId,
    receivedAtEpochMs: timeEpoch,
    url: urlOf(event),
    headers: headersOf(event),
    unverifiedBody,
    iamCallerArn: authorizer?.iam?.userArn ?? null,
    clientCertificate: clientCertificateOf(event),
  };
}

/**
 * The route that API Gateway matched says the path without a stage or the base path of a custom domain. A
 * Function URL and a catch-all route have no path of their own: there it is the request's.
 */
function pathOf({ routeKey, rawPath, requestContext: { stage } }: HttpIngestEvent): string {
  const routePath = routeKey.split(' ')[1];
  if (routePath !== undefined && !routePath.includes('{')) return routePath;
  const stagePrefix = `/${stage}/`;
  // The default stage is not part of URLs.
  return stage !== '$default' && rawPath.startsWith(stagePrefix)
    ? rawPath.slice(stagePrefix.length - 1)
    : rawPath;
}

/** API Gateway answers to no other names than those of its domains, so that the name is none that a caller chose. */
function urlOf({ requestContext, rawPath, rawQueryString }: HttpIngestEvent): string {
  const url = `https://${requestContext.domainName}${rawPath}`;
  return rawQueryString === '' ? url : `${url}?${rawQueryString}`;
}

function clientCertificateOf({ requestContext }: HttpIngestEvent): ClientCertificate | null {
  const certificate = requestContext.authentication?.clientCert;
  if (certificate === undefined) return null;
  return { subjectDn: certificate.subjectDN, issuerDn: certificate.issuerDN };
}

/** A missing body is null, absent or "", depending on who calls. */
function bodyOf({ body, isBase64Encoded }: HttpIngestEvent): Uint8Array {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

function bodyBytes({ body, isBase64Encoded }: HttpIngestEvent): number {
  return Buffer.byteLength(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

/** Node silently skips characters that are not base64, and would then verify other bytes than were sent. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function headerBytes({ headers }: HttpIngestEvent): number {
  let bytes = 0;
  for (const [name, value = ''] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}

/** API Gateway sends names in lower case and joins repeated headers by commas; test events often do neither. */
function headersOf({ headers }: HttpIngestEvent): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const lowerCaseName = name.toLowerCase();
    const before = byName.get(lowerCaseName);
    byName.set(lowerCaseName, before === undefined ? value : `${before},${value}`);
  }
  return byName;
}
