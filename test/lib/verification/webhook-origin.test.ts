import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webhookOriginHandshake } from '../../../lib/verification/webhook-origin.ts';

const ask = (headers: Readonly<Record<string, string>>, origins: readonly string[]) =>
  webhookOriginHandshake(new Map(Object.entries(headers)), origins);

describe("CloudEvents' question whether it may send", () => {
  it('is granted to a sender on the list, in the words of the list', () => {
    const headers = { 'webhook-request-origin': 'EventGrid.azure.net' };
    expect(ask(headers, ['eventgrid.azure.net'])).toEqual({
      kind: 'handshake',
      name: 'webhook-origin',
      answer: {
        status: 200,
        headers: { 'allow': 'POST', 'webhook-allowed-origin': 'eventgrid.azure.net' },
        body: null,
      },
    });
  });

  it('is answered with a rate when one is asked for, and never with the callback that is asked for', () => {
    const headers = {
      'webhook-request-origin': 'eventgrid.azure.net',
      'webhook-request-rate': '120',
      'webhook-request-callback': 'https://internal.example/',
    };
    expect(ask(headers, ['*'])?.answer.headers).toEqual({
      'allow': 'POST',
      'webhook-allowed-origin': '*',
      'webhook-allowed-rate': '*',
    });
  });

  it.each([
    {},
    { 'webhook-request-origin': '' },
    { 'webhook-request-origin': 'example.com' },
    { origin: 'eventgrid.azure.net' },
  ])('is not granted to %j', (headers) => {
    expect(ask(headers, ['eventgrid.azure.net'])).toBeNull();
    expect(ask(headers, [])).toBeNull();
  });

  it('sends nothing back that was asked', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 20 }), (origin) => {
        const answer = JSON.stringify(ask({ 'webhook-request-origin': origin }, ['*', 'a.example']));
        expect(answer).not.toContain(JSON.stringify(origin).slice(1, -1));
      }),
    );
  });
});
