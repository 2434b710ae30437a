import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../lib/expressions/expression.ts';
import { filterOver } from '../../support/builders/evaluate-expression.ts';

describe('matches()', () => {
  it.each([
    ['"^\\\\p{L}+$"', 'Grüße', true],
    ['r"^\\p{L}+$"', 'Grüße', true],
    ['"^[[:alpha:]]+$"', 'hello', true],
    ['"(?i)^hello$"', 'HELLO', true],
    ['"\\\\Ahello\\\\z"', 'hello', true],
    ['"^.$"', '😀', true],
    ['"^\\\\x{48}ello$"', 'Hello', true],
    ['"^\\\\Qa.b\\\\E$"', 'a.b', true],
    ['"ell"', 'hello', true],
    ['"a{,3}"', 'aa', false],
    ['"^[[:digit:]]{3}$"', '123', true],
    ['"^\\\\pN+$"', '12', true],
    ['"(?i)@example\\\\.com$"', 'A@EXAMPLE.COM', true],
    ['"^[\\\\p{Greek}]+$"', 'αβγ', true],
    ['"^a.c$"', 'a\u2028c', true],
    ['"^a.c$"', 'a\nc', false],
    ['"^(?P<y>a)$"', 'a', true],
    ['"^\\\\S+@\\\\S+$"', 'a@b', true],
    ['"^\\\\d+$"', '123', true],
    ['"^\\\\d+$"', '١٢٣', false],
  ])('with the pattern %s means on %j what RE2 means', (pattern, text, expected) => {
    const data = JSON.stringify({ s: text });
    expect(filterOver(`event.data.s.matches(${pattern})`, data)).toEqual({ ok: true, value: expected });
    expect(filterOver(`matches(event.data.s, ${pattern})`, data)).toEqual({ ok: true, value: expected });
  });

  it.each([
    '^(?=a)',
    '^(?!a)',
    '(?<=a)b',
    '^(a)\\\\1$',
    '(',
    '[b-a]',
    'a**',
    '(?<n>a)(?<n>b)',
    '\\\\Z',
    'a{1001}',
  ])('refuses the pattern %s, which RE2 does not have, when it is parsed', (pattern) => {
    const parsed = parseFilter(`event.data.s.matches("${pattern}")`);
    expect(parsed).toMatchObject({ ok: false, offset: 21 });
    expect(parsed).toHaveProperty(
      'message',
      expect.stringMatching(/^the pattern of matches\(\) is not valid in RE2/),
    );
  });

  it('takes time in proportion to the text, where a backtracking engine takes exponential time', () => {
    const slow = 'event.data.s.matches("^(\\\\w+\\\\s?)*$")';
    const started = performance.now();
    expect(filterOver(slow, JSON.stringify({ s: `${'a'.repeat(20_000)}!` }))).toEqual({
      ok: true,
      value: false,
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
