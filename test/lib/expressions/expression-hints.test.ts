import { describe, expect, it } from 'vitest';
import { expressionDoubts } from '../../../lib/expressions/expression-doubts.ts';
import { parseFilter, parseRunExpression } from '../../../lib/expressions/expression.ts';

function messageOf(parse: typeof parseFilter | typeof parseRunExpression, text: string): string {
  const parsed = parse(text);
  return parsed.ok ? 'valid' : parsed.message;
}

describe('a filter that is written in another language', () => {
  it.each([
    ['event.type == "a" and event.data.x > 1', 'write && for `and`'],
    ['event.type == "a" AND event.data.x > 1', 'write && for `and`'],
    ['event.type == "a" or event.type == "b"', 'write || for `or`'],
    ['not event.data.flag', 'write ! for `not`'],
    ['event.type not in ["a"]', 'write !(x in y) for `x not in y`'],
    ['event.type = "a"', 'write == to compare; expressions assign nothing'],
    ['event.data.x is null', 'write == for `is`'],
    ['event.data.x == None', 'write null'],
    ['event.data.x == undefined', 'write null'],
    ['event.data.flag == True', 'write true'],
    ['event.data.flag == FALSE', 'write false'],
    ['len(event.data.items) > 1', 'write size(x)'],
    ['event.data.items.len() > 1', 'write size(x)'],
    ['str(event.data.x) == "1"', 'write string(x)'],
    ['event.type.startswith("order.")', 'write x.startsWith("…")'],
    ['event.type.lower() == "a"', 'write x.lowerAscii()'],
    ['event.data.get("a", 1) == 1', 'write x.?name.orValue("…")'],
    ['event.data.x <> 1', 'write != for `<>`'],
    ['event.data.x > 1 & event.data.y > 1', 'write && for `&`'],
    ['event.data.x === 1', 'write == for `===`'],
    ['event.data.x !== 1', 'write != for `!==`'],
    ['$.data.x == 1', 'write event for `$`'],
    ['${event.data.x} == 1', 'write the expression alone, without braces'],
    ['{{ event.data.x }} == 1', 'write the expression alone, without braces'],
    ['event.type == “a”', 'write straight quotes, "…"'],
    ['event.data.name like "a%"', 'write x.startsWith("…"), x.contains("…") or x.matches("…") for `like`'],
    ['event.data.x between 1 and 2', 'write x >= low && x <= high for `between`'],
    ['event.data.x in (1, 2)', 'write a list in brackets: x in [1, 2]'],
    [
      'event.time > timestamp("2026-01-31T00:00:00Z")',
      'write timestamp(x) around the text, as in timestamp(event.time)',
    ],
    ['event.type == "a" || "b"', 'compare on both sides, x == "a" || x == "b", or write x in ["a", "b"]'],
    ['data.total > 5', 'write event.data'],
    ['headers["x"] == "a"', 'write event.headers'],
    ['event.payload.total > 5', 'the body is event.data'],
    [
      'event.data.x if event.data.y else false',
      'write condition ? one : other for `one if condition else other`',
    ],
    [
      'evnt.type == "a"',
      'filters and keys see `event`; runs see `events` (a list, oldest first), and `event` or `window`',
    ],
  ])('is refused with what to write instead: %s', (text, hint) => {
    expect(messageOf(parseFilter, text)).toContain(`; ${hint}`);
  });

  it.each([
    'event.type == "this and that"',
    "event.type == 'not = None' // or True",
    'event.data.x == 1 || event.data.or',
  ])('is not suspected where the words stand in strings, comments and names: %s', (text) => {
    expect(messageOf(parseFilter, text)).toBe('valid');
  });
});

describe('a parameter that is meant as text', () => {
  it.each([
    'prefecthq/prefect',
    'production',
    'hello world',
    'eu-west-1',
    'ops@example.com',
    'v1.2',
    's3://bucket',
  ])('is refused with how to quote it: %s', (text) => {
    const hint = `to pass the text itself, quote it twice, for YAML and for CEL: "'${text}'"`;
    expect(messageOf(parseRunExpression, text)).toContain(hint);
  });

  it('is refused as well where CEL would subtract numbers: 2026-01-31', () => {
    expect(messageOf(parseRunExpression, '2026-01-31')).toBe(
      'this subtracts three numbers; to pass the text itself, quote it twice, for YAML and for CEL: "\'2026-01-31\'"',
    );
  });

  it.each(["'prefecthq/prefect'", '5', 'true', 'events[0].data.repo', 'size(events)'])(
    'is accepted where it is an expression: %s',
    (text) => {
      expect(messageOf(parseRunExpression, text)).toBe('valid');
    },
  );
});

describe('a number in quotes', () => {
  it.each([
    ["event.data.total > '5'", [{ message: 'write 5 without quotes if the data hold a number', offset: 19 }]],
    [
      '"12.5" == event.data.total',
      [{ message: 'write 12.5 without quotes if the data hold a number', offset: 0 }],
    ],
    [
      'events.filter(e, e.data.total == "7").map(e, e.id)',
      [{ message: 'write 7 without quotes if the data hold a number', offset: 33 }],
    ],
    ['event.id == "5"', []],
    ['event.data.version == "5.0.1"', []],
    ['event.data.total > 5', []],
    ['event.tpye == "5"', []],
  ])('is doubted beside data only: %s', (text, doubts) => {
    expect(expressionDoubts(text)).toEqual(doubts);
  });
});
