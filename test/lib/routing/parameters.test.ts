import { describe, expect, it } from 'vitest';
import {
  parseParameters,
  renderParameters,
  StaleConfigurationError,
} from '../../../lib/routing/parameters.ts';
import { jsonData, makeEvent } from '../../support/builders/make-event.ts';

const events = ['{"id":9007199254740993}', '{"id": 1.0}'].map((text, index) =>
  makeEvent({ id: `event-${index}`, data: jsonData(text) }),
);

describe('renderParameters', () => {
  it('renders each parameter as JSON text and keeps how it is sent', () => {
    const templates = parseParameters({
      orders: { expression: 'events.map(e, e.data)', as: 'json' },
      count: { expression: 'size(events)', as: 'json' },
      summary: { expression: '{"first": events[0].id}', as: 'string' },
    });
    expect(renderParameters(templates, { events, window: null })).toEqual({
      kind: 'rendered',
      parameters: new Map([
        ['orders', { text: '[{"id":9007199254740993},{"id": 1.0}]', as: 'json' }],
        ['count', { text: '2', as: 'json' }],
        ['summary', { text: '{"first":"event-0"}', as: 'string' }],
      ]),
    });
  });

  it.each([
    [
      'events.map(e, e.subject)',
      "run.parameters.x: the event has no such field 'subject'; has(…) asks first, .?name.orValue(…) gives a default (at character 17)",
    ],
    [
      'bytes(events[0].id)',
      'run.parameters.x: bytes have no JSON form; write .base64() or .hex() after them',
    ],
  ])('rejects events on which %s fails', (expression, detail) => {
    const templates = parseParameters({ x: { expression, as: 'json' } });
    expect(renderParameters(templates, { events, window: null })).toEqual({
      kind: 'rejected',
      rejection: { code: 'expression-failed', detail },
    });
  });

  it('throws when the configuration holds an expression that was never checked', () => {
    expect(() => parseParameters({ x: { expression: 'evnts', as: 'json' } })).toThrow(
      StaleConfigurationError,
    );
  });
});
