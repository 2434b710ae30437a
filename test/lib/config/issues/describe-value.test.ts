import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeValue, quote } from '../../../../lib/config/issues/describe-value.ts';

describe('quote', () => {
  it.each([
    ['event.type == "push"', `'event.type == "push"'`],
    ["event.type == 'push'", `"event.type == 'push'"`],
    [`a "b" 'c'`, '`a "b" \'c\'`'],
    ['a\nb\tc\u0000', '"a\\nb\\tc\\u0000"'],
  ])('quotes %j with marks that do not occur in it', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it('quote never writes more than a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(quote(text)).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(quote(text).length).toBeLessThan(400);
      }),
    );
  });
});

describe('describeValue', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'nothing'],
    [5, 'the number 5'],
    [true, 'true'],
    [[], 'a list'],
    [{}, 'a map'],
    ['jobs', 'the text "jobs"'],
    ['https://me:hunter2@a.example/b', 'the text "https://…@a.example/b"'],
    ['me:hunter2@a.example:9092', 'the text "…@a.example:9092"'],
    ['https://a.example/b?token=hunter2', 'the text "https://a.example/b?…"'],
  ])('describes %j', (value, description) => {
    expect(describeValue(value)).toBe(description);
  });
});
