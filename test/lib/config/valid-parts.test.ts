import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../../lib/json/value-at.ts';
import { parseConfiguration } from '../../../lib/config/parse-configuration.ts';
import { withoutBrokenParts } from '../../../lib/config/valid-parts.ts';

const CONFIGURATION = {
  prefect: { apiUrl: 'https://prefect.internal/api', auth: 'none' },
  sources: {
    hook: { type: 'http', path: '/a', verify: 'iam' },
    jobs: { type: 'sqs', queueArn: 'arn:aws:sqs:eu-central-1:123456789012:jobs', queue: { batchSize: 5 } },
  },
  routes: { work: { from: ['jobs', 'hook'], run: { deployment: 'work/prod', tags: ['a'] } } },
};

describe('the valid parts of a configuration', () => {
  it('a valid configuration is valid in all parts', () => {
    const { configuration, valid } = parseConfiguration(CONFIGURATION);
    expect(configuration).not.toBeNull();
    expect(valid).toEqual(configuration);
  });

  it.each([
    [
      'a broken field',
      ['sources', 'jobs', 'queue', 'batchSize'],
      'many',
      ['sources', 'jobs', 'queue', 'batchSize'],
    ],
    ['a list with a broken element', ['routes', 'work', 'from'], ['jobs', 5], ['routes', 'work', 'from']],
    ['a source of an unknown type', ['sources', 'jobs', 'type'], 'sqss', ['sources', 'jobs']],
    ['a broken union', ['sources', 'hook', 'verify'], { scheme: 'hmac' }, ['sources', 'hook', 'verify']],
    ['a missing field', ['routes', 'work', 'run'], undefined, ['routes', 'work', 'run']],
  ])('valid parts have null in place of %s, and keep the rest', (_what, at, value, broken) => {
    const { configuration, valid } = parseConfiguration(replaced(CONFIGURATION, at, value));
    expect(configuration).toBeNull();
    expect(valueAt(valid, broken)).toBeNull();
    expect(valueAt(valid, ['prefect', 'apiUrl'])).toBe('https://prefect.internal/api');
    expect(valueAt(valid, ['sources', 'hook', 'path'])).toBe('/a');
  });

  it('a map with an unknown field is valid without it', () => {
    const { valid } = parseConfiguration(replaced(CONFIGURATION, ['sources', 'hook', 'pth'], 1));
    expect(valueAt(valid, ['sources', 'hook', 'path'])).toBe('/a');
  });

  it('a configuration that is not a map has no valid parts', () => {
    expect(parseConfiguration('text').valid).toBeNull();
  });

  it('valid parts hold nothing at the path of an issue', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 0, 1), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.jsonValue(), path, (value, at) => {
        const pruned = withoutBrokenParts(value, [{ code: 'custom', path: at }]);
        expect(valueAt(pruned, at) ?? null).toBeNull();
      }),
    );
  });
});

function replaced(root: object, [step = '', ...rest]: readonly string[], value: unknown): object {
  const inner: unknown = Reflect.get(root, step);
  const isLeaf = rest.length === 0 || typeof inner !== 'object' || inner === null;
  return { ...root, [step]: isLeaf ? value : replaced(inner, rest, value) };
}
