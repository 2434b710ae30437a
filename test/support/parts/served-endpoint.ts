/** Endpoints on a port of this machine, behind what API Gateway does to requests: for clients that speak HTTP. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { HttpIngestEvent } from '../../../functions/http-ingest/request.ts';
import { makeApiGatewayEvent } from '../builders/make-api-gateway-event.ts';
import type { Answered } from '../builders/make-ingest-endpoint.ts';

export type Send = (event: HttpIngestEvent) => Promise<Answered>;

export interface ServedEndpoints {
  readonly url: string;
  close(): Promise<void>;
}

/** Each under its path. To any other path the answer is that of API Gateway. */
export async function serveEndpoints(endpoints: ReadonlyMap<string, Send>): Promise<ServedEndpoints> {
  const server = createServer((request, response) => {
    void answer(request, response, endpoints);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => closed(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  endpoints: ReadonlyMap<string, Send>,
): Promise<void> {
  const event = toApiGatewayEvent(request, await buffer(request));
  const send = endpoints.get(event.rawPath);
  if (send === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}');
    return;
  }
  const { status, headers, body } = await send(event);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
}

function toApiGatewayEvent(
  { method = '', url = '', headers }: IncomingMessage,
  body: Buffer,
): HttpIngestEvent {
  const [path = '', query = ''] = url.split('?');
  const joined = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')] as const);
  const isBase64Encoded = !isCarriedAsText(headers['content-type'] ?? '');
  const event = makeApiGatewayEvent({
    method,
    path,
    routeKey: `ANY ${path}`,
    // Not what the request did not send.
    headers: { 'content-type': '', ...Object.fromEntries<string>(joined) },
    isBase64Encoded,
    body: body.length === 0 ? undefined : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
  });
  return { ...event, rawQueryString: query };
}

/** As an HTTP API was measured to do it. Everything else is base64, bodies without a type included. */
function isCarriedAsText(contentType: string): boolean {
  return /^(?:text\/.*|application\/(?:json|xml|javascript)) *(?:;|$)/i.test(contentType);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
