/** Makes events for tests: only what a test is about has to be named. */
import type { Event, EventData } from '../../../lib/event/event.ts';

export function makeEvent(overrides: Partial<Event> = {}): Event {
  return {
    id: 'event-1',
    source: '/orders',
    type: 'order.paid',
    extensions: {},
    data: jsonData('{"orderId":"A-1","total":12.5}'),
    origin: { kind: 'http', requestId: 'request-1', index: 0, receivedAtEpochMs: 1_790_000_000_000 },
    identity: ['cloudevents', '/orders', 'event-1'],
    hasTemplateMarker: false,
    ...overrides,
  };
}

/** Data as the decoder makes it: the text as received, and its value with big integers as bigint. */
export function jsonData(text: string): EventData {
  const keepExact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source ?? '';
    const isBig = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
    return isBig ? BigInt(source) : value;
  };
  const value: unknown = JSON.parse(text, keepExact);
  return { kind: 'json', text, value };
}

export function textData(text: string): EventData {
  return { kind: 'text', text };
}
