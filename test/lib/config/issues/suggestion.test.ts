import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggest, suggestOrList } from '../../../../lib/config/issues/suggestion.ts';

const FIELDS = ['batchSize', 'batchWindow', 'maxConcurrency', 'when', 'run'];

describe('suggest', () => {
  it.each([
    ['wehn', 'when'],
    ['whne', 'when'],
    ['batch_size', 'batchSize'],
    ['BatchSize', 'batchSize'],
    ['batchSzie', 'batchSize'],
    ['max-concurency', 'maxConcurrency'],
  ])('suggests for %s: %s', (misspelt, meant) => {
    expect(suggest(misspelt, FIELDS)).toBe(meant);
  });

  it('suggests nothing that is not close', () => {
    expect(suggest('filter', FIELDS)).toBeNull();
  });

  it('finds any name with two neighboring characters swapped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIELDS), fc.nat(), (name, at) => {
        const index = at % (name.length - 1);
        const [left, right] = [name.charAt(index), name.charAt(index + 1)];
        const swapped = `${name.slice(0, index)}${right}${left}${name.slice(index + 2)}`;
        expect(suggest(swapped, FIELDS)).toBe(name);
      }),
    );
  });

  it('lists all names when no name is close', () => {
    expect(suggestOrList('filter', ['when', 'run'], 'known here')).toBe('known here: when, run');
    expect(suggestOrList('jobs', [], 'sources')).toBe('there are no sources');
  });
});
