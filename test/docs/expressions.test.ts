import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFilter, parseRunExpression } from '../../lib/expressions/expression.ts';
import { filterOver, parameterOver } from '../support/builders/evaluate-expression.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/expressions.md'), 'utf8');

function section(title: string): string {
  return page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

const recipes = (section('Recipes') + section('Headers'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|')))
  .filter((code) => /^events?\b/.test(code) || code.startsWith('timestamp') || code.startsWith('has(event'))
  // The names of fields stand alone in the text.
  .filter((code) => !/^events?(?:\.\w+)?$/.test(code));

describe('docs/expressions.md', () => {
  it('has recipes', () => {
    expect(recipes.length).toBeGreaterThan(8);
  });

  it.each(recipes)('has the recipe %s, which is valid', (recipe) => {
    const parsed = recipe.startsWith('events.') ? parseRunExpression(recipe) : parseFilter(recipe);
    expect(parsed).toMatchObject({ ok: true });
  });

  it.each([
    '"a".charAt(0) + "abc".replace("b", "c").substring(1).lowerAscii().trim()',
    'events[0].?subject.orValue("none")',
    'events[0].data[?"a"].hasValue()',
    'cel.bind(x, 1, x + 1)',
    'optional.of(1).or(optional.none()).orValue(2)',
    'bytes("a").base64() + bytes("a").hex() + bytes("a").string()',
  ])('names what is available: %s', (expression) => {
    expect(parameterOver(expression, '{}')).toMatchObject({ ok: true });
  });

  it.each([
    ['47.5 % 5.5 == 3.5', true],
    ['dyn(9223372036854775807) < 9223372036854775808.0', true],
    ['dyn(3u) in [3]', false],
    ['{"a": dyn(null)}.?a.b.hasValue()', false],
    ['event.data.big == 12345678901234567890.0 || event.data.big > event.data.n', true],
    ['event.data.n + 1 == 2.0', true],
  ])('lists the difference in %s', (expression, value) => {
    expect(filterOver(expression, '{"n":1,"big":12345678901234567890}')).toEqual({ ok: true, value });
  });

  it.each([
    '"a".reverse()',
    '"%s".format(["a"])',
    '{1: 2}',
    'math.greatest(1, 2)',
    'events[0].data.l.map(i, v, i)',
  ])('says that %s is not available', (expression) => {
    expect(parseRunExpression(expression)).toMatchObject({ ok: false });
  });
});
