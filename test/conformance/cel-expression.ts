/**
 * Arbitrary CEL expressions that are well typed, over variables of each type. Left out is what the other engine is known
 * to do otherwise than the specification: it converts text with JavaScript's `Number()`, so `double("")` is 0; it prints
 * fractions of a second with three, six or nine digits, and rounds them up in `getHours()`; it counts UTF-16 units in
 * `substring()`, takes offsets that are out of range, and drops what is beyond the limit of `split()`; it puts all replacements of an
 * empty text at the start, takes `!(!(x))` and `-(-(x))` for `x`
 * whatever it is, compares an int with a double inexactly, and finds a key absent whose value is null.
 */
import fc from 'fast-check';

export const VARIABLES = {
  i: 'int',
  d: 'double',
  s: 'string',
  b: 'bool',
  l: 'list<int>',
  t: 'list<string>',
  m: 'map<string, dyn>',
} as const;

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', ' ', '1', 'ß', 'é', '-', '.'), maxLength: 5 }),
  fc.constantFrom('12', '-7', '1.5', 'true', '2024-02-29T12:00:00.5Z', '1h30m', '-0.5s', 'inf', ''),
);
const integer = fc.oneof(
  fc.integer({ min: -3, max: 12 }).map(BigInt),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
);
const double = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(0.5, -1.5, 1e300, 2 ** 63, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, -0),
);

export const bindings = fc.record({
  i: integer,
  d: double,
  s: text,
  b: fc.boolean(),
  l: fc.array(integer, { maxLength: 3 }),
  t: fc.array(text, { maxLength: 3 }),
  m: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(text, integer, fc.boolean())),
});

/** Replace each `#` in one of the templates by the next of the operands. */
function built(
  templates: readonly string[],
  ...operands: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...templates), fc.tuple(...operands))
    .map(([template, parts]) => parts.reduce((done, part) => done.replace('#', () => part), template));
}

const small = { maxDepth: 3, depthSize: 'small' } as const;

type ExpressionType = 'int' | 'double' | 'string' | 'bool' | 'list' | 'time' | 'duration';

const expressions = fc.letrec<Record<ExpressionType, string>>((tie) => {
  const int = tie('int');
  const double = tie('double');
  const string = tie('string');
  const bool = tie('bool');
  return {
    int: fc.oneof(
      small,
      fc.constantFrom('i', '0', '1', '7', '-2', '9223372036854775807'),
      built(['(# + #)', '(# - #)', '(# * #)', '(# / #)', '(# % #)'], int, int),
      built(['(0 - #)', 'int(#)'], int),
      built(['size(#)', '(#).size()'], string),
      built(['int(#)'], double),
      built(['(#).indexOf(#)', '(#).lastIndexOf(#)'], string, string),
      built(['(# ? # : #)'], bool, int, int),
      built(['l[#]'], int),
      built(['size(#)'], tie('list')),
      built(
        ['(#).getHours()', '(#).getFullYear()', '(#).getDayOfYear()', '(#).getMilliseconds()', 'int(#)'],
        tie('time'),
      ),
      built(['(#).getSeconds()', '(#).getMilliseconds()', '(#).getMinutes()'], tie('duration')),
    ),
    double: fc.oneof(
      small,
      fc.constantFrom('d', '0.0', '1.5', '-2.25', '1e3'),
      built(['(# + #)', '(# - #)', '(# * #)', '(# / #)'], double, double),
      built(['-(#)'], double),
      fc.constantFrom('double("1.5")', 'double("-2e3")', 'double("7")'),
      built(['double(#)'], int),
    ),
    string: fc.oneof(
      small,
      fc.constantFrom('s', '""', '"aßb"', '"2024-05-01T12:00:00+02:00"'),
      built(['(# + #)'], string, string),
      built(['(#).substring(0)', '(#).substring(1)', '(#).charAt(1)'], string),
      built(['(#).substring(0, 1)', '(#).substring(1, 3)'], string),
      built(['(#).replace("a", #)', '(#).replace("ß", #)'], string, string),
      built(['(#).lowerAscii()', '(#).upperAscii()', '(#).trim()', 'string(bytes(#))'], string),
      built(['string(#)'], int),
      built(['string(#)'], bool),
      built(['(#).join("-")'], tie('list')),
      built(['t[#]'], int),
    ),
    bool: fc.oneof(
      small,
      fc.constantFrom('b', 'true', 'false', 'm.a == true', 'has(m.a)', 'm.b == null', '("a" in m)'),
      built(['(# && #)', '(# || #)', '(# == #)', '(# != #)'], bool, bool),
      built(['!(#)'], bool),
      built(['(# < #)', '(# <= #)', '(# == #)', '(# != #)'], int, int),
      built(['(# < #)', '(# >= #)', '(# == #)', '(# != #)'], double, double),
      built(
        ['(# < #)', '(# == #)', '(#).contains(#)', '(#).startsWith(#)', '(#).endsWith(#)'],
        string,
        string,
      ),
      built(
        ['(#).matches("^[a-z]+$")', '(#).matches("\\\\p{L}|[[:digit:]]{2}")', '(#).matches("(?i)b$")'],
        string,
      ),
      built(['(# < #)', '(# == #)', '(# >= #)'], tie('time'), tie('time')),
      built(['(# < #)', '(# == #)', '(# >= #)'], tie('duration'), tie('duration')),
      built(['l.all(x, x > #)', 'l.exists(x, x == #)', 'l.exists_one(x, x < #)', '(# in l)'], int),
      built(['m.a == #', 'm["c"] == #', '# == m.b'], int),
    ),
    list: fc.oneof(
      small,
      fc.constantFrom('t', '[]', '["a", "b"]'),
      built(['[#, #]'], string, string),
      built(['(#).split(#)'], string, string),
      built(['(#).split(#, 0)', '(#).split(#, -1)'], string, string),
      built(['(# + #)'], tie('list'), tie('list')),
      built(['t.map(x, x + #)', 't.filter(x, x != #)'], string),
    ),
    time: fc.oneof(
      small,
      fc.constantFrom(
        'timestamp("2024-02-29T23:59:59.5Z")',
        'timestamp(0)',
        'timestamp("1969-12-31T23:59:59.5Z")',
      ),
      fc.constantFrom('timestamp("2024-05-01T12:00:00+02:00")', 'timestamp("9999-12-31T23:59:59Z")'),
      built(['(# + #)', '(# - #)'], tie('time'), tie('duration')),
    ),
    duration: fc.oneof(
      small,
      fc.constantFrom('duration("1h30m")', 'duration("-0.5s")', 'duration("1ms")'),
      fc.constantFrom('duration("1.5s")', 'duration("-2h")', 'duration("2562047h")'),
      built(['(# + #)', '(# - #)'], tie('duration'), tie('duration')),
      built(['(# - #)'], tie('time'), tie('time')),
    ),
  };
});

export const expression: fc.Arbitrary<string> = fc.oneof(
  expressions.int,
  expressions.bool,
  expressions.string,
  expressions.list,
  expressions.double,
);
