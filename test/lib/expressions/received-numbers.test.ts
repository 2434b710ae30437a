import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parameterOver } from '../../support/builders/evaluate-expression.ts';

/** Numbers as senders spell them. */
const numberText = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.constantFrom(
    '1.0',
    '-0',
    '-0.0',
    '0.10',
    '1e2',
    '1E+2',
    '12345678901234567890.0',
    '0.1000000000000000055511151231257827',
    '1e-7',
    '100000000000000000000000',
  ),
);

/** Where the number is in the data, and expressions that select it. */
const selections = [
  ['events[0].data.n', '{"n":#}', '#'],
  ['events.map(e, e.data.n)', '{"n":#}', '[#]'],
  ['events.map(e, {"total": e.data.n, "id": e.id})', '{"n":#}', '[{"total":#,"id":"event-1"}]'],
  ['events[0].data["n"]', '{"n":#}', '#'],
  ['events[0].data.?n.orValue(0)', '{"n":#}', '#'],
  ['events[0].data.?a.?n.orValue(0)', '{"a":{"n":#}}', '#'],
  ['events[0].data.list[1]', '{"list":[1,#]}', '#'],
  ['events[0].data.list', '{"list":[1,#]}', '[1,#]'],
  ['events[0].data.after', '{"before":null,"after":{"n":#,"m":[#]}}', '{"n":#,"m":[#]}'],
  ['events[0].data.items.map(i, i.price)', '{"items":[{"price":#},{"price":#}]}', '[#,#]'],
  ['events[0].data.items.filter(i, i.price == i.price)', '{"items":[{"price":#}]}', '[{"price":#}]'],
  ['events.map(e, has(e.data.n) ? e.data.n : 0)', '{"n":#}', '[#]'],
  ['cel.bind(d, events[0].data, d.n)', '{"n":#}', '#'],
  ['events[0].data', '#', '#'],
  ['events[0].data.constructor.n', '{"constructor":{"n":#}}', '#'],
  ['bytes(events[0].data.p).json()', '{"p":"{\\"id\\":#}"}', '{"id":#}'],
  ['bytes(events[0].data.p).json().id', '{"p":"{\\"id\\":#}"}', '#'],
  ['bytes(events[0].data.p).json()', '{"p":"[#]"}', '[#]'],
] as const;

describe('a number that is selected from data', () => {
  it.each(selections)('keeps every digit in %s', (expression, data, expected) => {
    fc.assert(
      fc.property(numberText, (number) => {
        expect(parameterOver(expression, data.replaceAll('#', number))).toEqual({
          ok: true,
          text: expected.replaceAll('#', number),
        });
      }),
    );
  });

  it.each([
    ['events[0].data.n + 1', '2'],
    ['events.map(e, e.data.n * 1.5)', '[1.5]'],
    ['string(events[0].data.n)', '"1"'],
    ['events[0].data.n == 1', 'true'],
    ['[events[0].data.n].exists(n, n > 0)', 'true'],
    ['{"a": events[0].data.n}.a == 1 ? "one" : "other"', '"one"'],
    ['[events[0].data.n, events[0].data.n].map(n, n + 1)', '[2,2]'],
  ])('is a plain number to what computes with it: %s', (expression, text) => {
    expect(parameterOver(expression, '{"n":1.0}')).toEqual({ ok: true, text });
  });

  it('is a double still when the integer would have other digits', () => {
    const rendered = parameterOver('events[0].data.n * 1.0', '{"n":12345678901234567890.0}');
    expect(rendered).toEqual({ ok: true, text: '1.2345678901234567e+19' });
  });
});

describe('JSON within a string of the data', () => {
  it.each([
    ['{"t":"\\\\ud83d"}', 'lone-surrogate'],
    ['{"t":"\\\\u0000"}', 'nul-character'],
    [`${'['.repeat(201)}${']'.repeat(201)}`, 'too-deep'],
    ['1e400', 'number-out-of-range'],
    [`1${'0'.repeat(4300)}`, 'number-out-of-range'],
    ['{', 'expression-failed'],
  ])('is held to the rules for received JSON: %s', (inner, code) => {
    const data = `{"p":"${inner.replaceAll('"', '\\"')}"}`;
    expect(parameterOver('bytes(events[0].data.p).json()', data)).toMatchObject({ ok: false, code });
  });
});
