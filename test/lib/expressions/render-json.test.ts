import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { celEnvironment } from '../../../lib/expressions/cel-environment.ts';
import { parseProgram } from '../../../lib/expressions/cel-program.ts';
import { eventView } from '../../../lib/expressions/event-view.ts';
import { parseRunExpression } from '../../../lib/expressions/expression.ts';
import { renderJson } from '../../../lib/expressions/render-json.ts';
import { jsonData, makeEvent } from '../../support/builders/make-event.ts';

/** JSON texts as hostile as the format allows: big integers, odd spellings, keys with a meaning elsewhere. */
const scalarText = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('true', 'false', 'null', '"__prefect_kind"'),
);
const keyText = fc.oneof(
  fc.constantFrom(
    '__proto__',
    '__prefect_kind',
    'constructor',
    'toString',
    'prototype',
    'hasOwnProperty',
    '',
  ),
  fc.string(),
);
const oddSpelling = fc.constantFrom('1.0', '1e2', '-0', '0.10', '12345678901234567890', '"\\u0041"', '"\\/"');
const space = fc.constantFrom('', ' ', '\n\t');
const { jsonText } = fc.letrec<{ jsonText: string }>((tie) => ({
  jsonText: fc.oneof(
    { depthSize: 'small' },
    scalarText,
    fc
      .tuple(space, fc.array(fc.oneof(tie('jsonText'), oddSpelling), { maxLength: 4 }))
      .map(([gap, items]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(
        space,
        fc.uniqueArray(fc.tuple(keyText, fc.oneof(tie('jsonText'), oddSpelling)), {
          maxLength: 4,
          selector: ([key]) => key,
        }),
      )
      .map(
        ([gap, entries]) =>
          `{${entries.map(([key, value]) => `${gap}${JSON.stringify(key)}:${gap}${value}`).join(',')}${gap}}`,
      ),
  ),
}));

function evaluate(expression: string, texts: readonly string[]): unknown {
  const parsed = parseRunExpression(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  const events = texts.map((text, index) => makeEvent({ id: `event-${index}`, data: jsonData(text) }));
  const evaluated = parsed.expression.evaluate({ events, window: null });
  if (!evaluated.ok) throw new Error(evaluated.message);
  return evaluated.value;
}

describe('renderJson', () => {
  it('emits the data of events as the exact texts that were received', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 5 }), (texts) => {
        expect(renderJson(evaluate('events.map(e, e.data)', texts))).toEqual({
          ok: true,
          text: `[${texts.join(',')}]`,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('emits the data of whole events as the exact texts that were received', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const rendered = renderJson(evaluate('events', [text]));
        expect(rendered).toEqual({
          ok: true,
          text: `[{"specversion":"1.0","id":"event-0","source":"/orders","type":"order.paid","data":${text}}]`,
        });
      }),
    );
  });

  it('emits a part of the data with an equal value', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const rendered = renderJson(evaluate('events[0].data.part', [`{"part":${text}}`]));
        expect(rendered.ok && JSON.parse(rendered.text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps every digit of a big integer inside a part of the data', () => {
    const text = '{"part":{"n":123456789012345678901234567890,"__proto__":1,"constructor":2}}';
    expect(renderJson(evaluate('events[0].data.part', [text]))).toEqual({
      ok: true,
      text: '{"n":123456789012345678901234567890,"__proto__":1,"constructor":2}',
    });
  });

  it('renders a whole event with its extensions and binary data in the CloudEvents JSON format', () => {
    const view = eventView(
      makeEvent({
        subject: 'A-1',
        time: '2026-01-01T00:00:00Z',
        extensions: { traceparent: '00-ab', constructor: 'x' },
        data: { kind: 'binary', base64: 'AAE=' },
      }),
    );
    const rendered = renderJson(view);
    expect(rendered.ok && JSON.parse(rendered.text)).toEqual({
      specversion: '1.0',
      id: 'event-1',
      source: '/orders',
      type: 'order.paid',
      subject: 'A-1',
      time: '2026-01-01T00:00:00Z',
      traceparent: '00-ab',
      constructor: 'x',
      data_base64: 'AAE=',
    });
  });

  it.each([
    ['text', { kind: 'text', text: 'a "b"' } as const, '"data":"a \\"b\\""'],
    ['JSON null', { kind: 'json', text: 'null', value: null } as const, '"data":null'],
  ])('renders a whole event with %s data', (_what, data, expected) => {
    const rendered = renderJson(eventView(makeEvent({ data })));
    expect(rendered.ok && rendered.text).toContain(expected);
  });

  it('renders a whole event without data without a data member', () => {
    const rendered = renderJson(eventView(makeEvent({ data: { kind: 'none' } })));
    expect(rendered.ok && rendered.text).not.toContain('data');
  });

  it('renders the origin as an object of the fields that it has', () => {
    expect(renderJson(eventView(makeEvent()).origin)).toEqual({
      ok: true,
      text: '{"kind":"http","requestId":"request-1","index":0,"receivedAtEpochMs":1790000000000}',
    });
  });

  const valueOf = (expression: string): unknown => {
    const parsed = parseProgram(celEnvironment, expression);
    if (parsed.kind === 'refused') throw new Error(parsed.message);
    return parsed.program.run({});
  };

  it.each([
    ['1', '1'],
    ['9223372036854775807', '9223372036854775807'],
    ['uint(7)', '7'],
    ['2.5', '2.5'],
    ['-0.0', '-0'],
    ['[1, "a", null, true]', '[1,"a",null,true]'],
    ['{"a": {"b": []}}', '{"a":{"b":[]}}'],
    ['timestamp("2026-01-02T03:04:05Z")', '"2026-01-02T03:04:05Z"'],
    ['timestamp("2026-01-02T03:04:05.123456789+01:00")', '"2026-01-02T02:04:05.123456789Z"'],
    ['duration("1m30s")', '"90s"'],
    ['duration("1s") - duration("1.5s")', '"-0.5s"'],
    ['duration("-0.5s")', '"-0.5s"'],
    ['timestamp("2024-01-01T00:00:00Z") - timestamp("2024-01-01T00:00:01.500Z")', '"-1.5s"'],
    ['12345678901234567890.0', '1.2345678901234567e+19'],
  ])('renders the CEL value %s as %s', (expression, text) => {
    expect(renderJson(valueOf(expression))).toEqual({ ok: true, text });
  });

  it.each([
    ['b"ab"', 'bytes have no JSON form; write .base64() or .hex() after them'],
    ['[1.0 / 0.0]', 'NaN and infinities have no JSON form'],
    ['double("NaN")', 'NaN and infinities have no JSON form'],
    ['optional.none()', 'an optional has no JSON form; end it with .orValue(…)'],
    ['type(1)', 'a CEL type or namespace has no JSON form; yield a value'],
  ])('refuses %s and says what to do', (expression, message) => {
    expect(renderJson(valueOf(expression))).toEqual({ ok: false, code: 'expression-failed', message });
  });

  it.each([
    [
      '"a\\u0000b"',
      'nul-character',
      'the expression yields text with the character U+0000, which Prefect cannot store',
    ],
    [
      '[{"a": "\\000"}]',
      'nul-character',
      'the expression yields text with the character U+0000, which Prefect cannot store',
    ],
  ])('refuses %s, which would stop the work pool', (expression, code, message) => {
    expect(renderJson(valueOf(expression))).toEqual({ ok: false, code, message });
  });
});
