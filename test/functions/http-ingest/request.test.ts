import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertHttpApiEvent,
  NotAnHttpApiEventError,
  parseRequest,
  type HttpIngestEvent,
} from '../../../functions/http-ingest/request.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { makeApiGatewayEvent } from '../../support/builders/make-api-gateway-event.ts';

const source = makeHttpSource({ maxBodyBytes: 10 });

function bodyOf(event: HttpIngestEvent): Uint8Array | string {
  const reading = parseRequest(event, source);
  return reading.kind === 'request' ? reading.request.unverifiedBody : reading.kind;
}

describe('assertHttpApiEvent', () => {
  it.each([
    ['nothing', undefined],
    ['an event of a REST API', { httpMethod: 'POST', requestContext: { requestId: 'r', stage: 'prod' } }],
    ['messages of a queue', { Records: [] }],
  ])('names the fix when it is given %s', (_, event) => {
    const assertion = () => {
      assertHttpApiEvent(event);
    };
    expect(assertion).toThrow(NotAnHttpApiEventError);
    expect(assertion).toThrow(/HTTP API with payload format 2\.0/);
  });

  it('accepts an event of an HTTP API', () => {
    expect(() => {
      assertHttpApiEvent(makeApiGatewayEvent({ body: '{}' }));
    }).not.toThrow();
  });
});

describe('parseRequest', () => {
  it('gives the bytes of any body that is not too large, however API Gateway carried it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        const body = Buffer.from(bytes).toString('base64');
        expect(bodyOf(makeApiGatewayEvent({ body, isBase64Encoded: true }))).toEqual(Buffer.from(bytes));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        fc.pre(Buffer.byteLength(body) <= 10);
        expect(bodyOf(makeApiGatewayEvent({ body }))).toEqual(Buffer.from(body));
      }),
    );
  });

  it.each([
    ['0123456789', false, Buffer.from('0123456789')],
    ['0123456789A', false, 'body-too-large'],
    ['äöüäöü', false, 'body-too-large'],
    [Buffer.alloc(10).toString('base64'), true, Buffer.alloc(10)],
    [Buffer.alloc(11).toString('base64'), true, 'body-too-large'],
  ])('counts the bytes of %s (base64: %s) before it decodes them', (body, isBase64Encoded, expected) => {
    expect(bodyOf(makeApiGatewayEvent({ body, isBase64Encoded }))).toEqual(expected);
  });

  it('refuses a body that is said to be base64 and is not, rather than skip what Node would skip', () => {
    const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('aZ9+/=-_ %é')), maxLength: 8 }),
        (body) => {
          const read = bodyOf(makeApiGatewayEvent({ body, isBase64Encoded: true }));
          if (base64.test(body)) expect(read).toEqual(Buffer.from(body, 'base64'));
          else expect(read).toBe('body-invalid-base64');
        },
      ),
    );
  });

  it('counts the bytes of headers before anything reads them', () => {
    const headers = (bytes: number) => ({
      'content-type': '',
      'a': 'x'.repeat(bytes - 'content-typea'.length),
    });
    expect(bodyOf(makeApiGatewayEvent({ headers: headers(16_384) }))).toEqual(Buffer.alloc(0));
    expect(bodyOf(makeApiGatewayEvent({ headers: headers(16_385) }))).toBe('headers-too-large');
    const flood = Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`h${n}`, '']));
    expect(bodyOf(makeApiGatewayEvent({ headers: flood }))).toBe('headers-too-large');
  });

  it('takes a body that is absent, null or "" for empty', () => {
    const withNull: unknown = { ...makeApiGatewayEvent(), body: null };
    for (const event of [
      makeApiGatewayEvent(),
      withNull as HttpIngestEvent,
      makeApiGatewayEvent({ body: '' }),
    ]) {
      expect(bodyOf(event)).toEqual(Buffer.alloc(0));
    }
  });

  it('knows headers by their names in lower case, and joins those that come twice', () => {
    const event = makeApiGatewayEvent({
      headers: { 'Authorization': 'a', 'authorization': 'b', 'X-Other': 'c' },
    });
    const reading = parseRequest(event, source);
    expect(reading.kind === 'request' && Object.fromEntries(reading.request.headers)).toEqual({
      'content-type': 'application/json',
      'authorization': 'a,b',
      'x-other': 'c',
    });
  });

  it.each([
    ['the path of its own route', { path: '/orders' }, 'request'],
    ['a route for any method', { path: '/orders', routeKey: 'ANY /orders' }, 'request'],
    [
      'its route behind a stage',
      { path: '/prod/orders', stage: 'prod', routeKey: 'POST /orders' },
      'request',
    ],
    [
      'its route behind the base path of a domain',
      { path: '/events/orders', routeKey: 'POST /orders' },
      'request',
    ],
    ['a catch-all route', { path: '/prod/orders', stage: 'prod', routeKey: 'ANY /{proxy+}' }, 'request'],
    ['a Function URL', { path: '/orders', routeKey: '$default' }, 'request'],
    ['another path of a Function URL', { path: '/other', routeKey: '$default' }, 'not-found'],
    ['another route', { path: '/orders', routeKey: 'POST /other' }, 'not-found'],
    ['a longer path', { path: '/orders/1', routeKey: '$default' }, 'not-found'],
    ['a slash at the end', { path: '/orders/', routeKey: '$default' }, 'not-found'],
    ['an encoded slash', { path: '/orders%2F', routeKey: '$default' }, 'not-found'],
    ['an encoded letter', { path: '/%6Frders', routeKey: '$default' }, 'not-found'],
    ['a letter encoded twice', { path: '/%256Frders', routeKey: '$default' }, 'not-found'],
    ['another case', { path: '/Orders', routeKey: '$default' }, 'not-found'],
    ['two slashes', { path: '//orders', routeKey: '$default' }, 'not-found'],
    ['a detour', { path: '/x/../orders', routeKey: '$default' }, 'not-found'],
    ['a NUL', { path: '/orders\0', routeKey: '$default' }, 'not-found'],
    ['the name of the default stage', { path: '/$default/orders', routeKey: '$default' }, 'not-found'],
    ['HEAD', { method: 'HEAD' }, 'method-not-allowed'],
    ['a method in lower case', { method: 'post' }, 'method-not-allowed'],
    ['a method of nobody', { method: 'PROPFIND' }, 'method-not-allowed'],
    ['another method', { method: 'GET' }, 'method-not-allowed'],
    ['another method on another path', { method: 'GET', path: '/other' }, 'not-found'],
  ])('answers %s', (_name, overrides, expected) => {
    expect(parseRequest(makeApiGatewayEvent(overrides), source).kind).toBe(expected);
  });

  it('names the caller of the IAM authorizer, and no caller without one', () => {
    const iamCallerArn = 'arn:aws:iam::123456789012:role/sender';
    const read = (event: HttpIngestEvent) => parseRequest(event, source);
    expect(read(makeApiGatewayEvent({ iamCallerArn }))).toMatchObject({ request: { iamCallerArn } });
    expect(read(makeApiGatewayEvent())).toMatchObject({ request: { iamCallerArn: null } });
  });

  it('says which URL the sender posted to, with the query as it was written', () => {
    const url = 'https://api.execute-api.eu-west-1.amazonaws.com/orders';
    const read = (query: string) => parseRequest(makeApiGatewayEvent({ query }), source);
    expect(read('')).toMatchObject({ request: { url } });
    expect(read('b=%3A&a=+')).toMatchObject({ request: { url: `${url}?b=%3A&a=+` } });
  });

  it('says whose certificate API Gateway checked', () => {
    expect(parseRequest(makeApiGatewayEvent({ subjectDn: 'CN=shop' }), source)).toMatchObject({
      request: { clientCertificate: { subjectDn: 'CN=shop', issuerDn: 'CN=test' } },
    });
    expect(parseRequest(makeApiGatewayEvent(), source)).toMatchObject({
      request: { clientCertificate: null },
    });
  });

  it('answers OPTIONS for the origins of the source only', () => {
    const ask = (webhookOrigins: readonly string[]) =>
      parseRequest(
        makeApiGatewayEvent({
          method: 'OPTIONS',
          headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
        }),
        makeHttpSource({ webhookOrigins }),
      );
    expect(ask(['eventgrid.azure.net'])).toMatchObject({ kind: 'handshake', name: 'webhook-origin' });
    expect(ask(['example.com'])).toEqual({ kind: 'method-not-allowed', allow: 'POST' });
    expect(ask([])).toEqual({ kind: 'method-not-allowed', allow: 'POST' });
  });
});
