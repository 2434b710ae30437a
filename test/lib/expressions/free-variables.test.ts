import { describe, expect, it } from 'vitest';
import { parseRunExpression } from '../../../lib/expressions/expression.ts';

function variables(text: string): readonly (readonly [string, number])[] {
  const parsed = parseRunExpression(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return [...parsed.expression.variables];
}

describe('the variables of an expression', () => {
  it.each([
    ['1 + 2', []],
    ['event.data.n', [['event', 0]]],
    [
      'size(events) + window.count',
      [
        ['events', 5],
        ['window', 15],
      ],
    ],
    ['has(event.data.n) && event.data.n > 1', [['event', 4]]],
    ['events.map(event, event.data)', [['events', 0]]],
    ['events.map(window, window.data)', [['events', 0]]],
    [
      'events.filter(e, e.id == window.key).map(window, window.id)',
      [
        ['events', 0],
        ['window', 25],
      ],
    ],
    ['cel.bind(event, event.data.n, event + 1)', [['event', 16]]],
    ['cel.bind(window, 1, window + 1)', []],
    [
      '[event.id, {"w": window.key}]',
      [
        ['event', 1],
        ['window', 17],
      ],
    ],
    [
      'events.exists(e, e.data.list.all(event, event > 1)) ? event.id : "a"',
      [
        ['events', 0],
        ['event', 54],
      ],
    ],
  ])('of %s are those that no macro declares', (text, expected) => {
    expect(variables(text)).toEqual(expected);
  });
});
