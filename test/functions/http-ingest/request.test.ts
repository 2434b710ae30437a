import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest, type HttpIngestEvent } from '../../../functions/http-ingest/request.ts';
import { makeHttpSource } from '../../support/compiled-config.ts';
import { makeApiGatewayEvent } from '../../support/make-api-gateway-event.ts';

const source = makeHttpSource({ maxBodyBytes: 10 });

function bodyOf(event: HttpIngestEvent): Uint8Array | string {
  const reading = readRequest(event, source);
  return reading.kind === 'request' ? reading.request.unverifiedBody : reading.kind;
}

describe('readRequest', () => {
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
    const reading = readRequest(event, source);
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
    ['another method', { method: 'GET' }, 'method-not-allowed'],
    ['another method on another path', { method: 'GET', path: '/other' }, 'not-found'],
  ])('answers %s', (_name, overrides, expected) => {
    expect(readRequest(makeApiGatewayEvent(overrides), source).kind).toBe(expected);
  });

  it('names the caller of the IAM authorizer, and nobody without one', () => {
    const iamCallerArn = 'arn:aws:iam::123456789012:role/sender';
    const read = (event: HttpIngestEvent) => readRequest(event, source);
    expect(read(makeApiGatewayEvent({ iamCallerArn }))).toMatchObject({ request: { iamCallerArn } });
    expect(read(makeApiGatewayEvent())).toMatchObject({ request: { iamCallerArn: null } });
  });
});
