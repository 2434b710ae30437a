/** Every guarantee names the test that holds it, and that test is there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/guarantees.md'), 'utf8');

interface Guarantee {
  readonly sentence: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

/** Rows of the tables that are headed `guarantee | held by`. */
function guaranteesOf(markdown: string): readonly Guarantee[] {
  const tables = markdown.split('| guarantee | held by |').slice(1);
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(2)
      .slice(
        0,
        table
          .split('\n')
          .slice(2)
          .findIndex((line) => !line.startsWith('|')),
      )
      .map((row) => {
        const [, sentence = '', heldBy = ''] = row.split('|').map((cell) => cell.trim());
        const tests = [...heldBy.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)];
        return { sentence, tests: tests.map(([, file = '', title = '']) => ({ file, title })) };
      }),
  );
}

async function isThere({ file, title }: { readonly file: string; readonly title: string }): Promise<boolean> {
  const source = await readFile(join(root, file), 'utf8').catch(() => '');
  return source.includes(title);
}

const guarantees = guaranteesOf(page);

describe('the page of guarantees', () => {
  it('holds more than a few', () => {
    expect(guarantees.length).toBeGreaterThan(20);
  });

  it.each(guarantees)('names the test of: $sentence', async ({ sentence, tests }) => {
    expect(sentence).toMatch(/\.$/);
    expect(tests).not.toEqual([]);
    for (const test of tests) expect([test, await isThere(test)]).toEqual([test, true]);
  });

  it('would notice a sentence without a test, and a test that is not there', async () => {
    const [without] = guaranteesOf('| guarantee | held by |\n| --- | --- |\n| It flies. | trust us |\n\n');
    expect(without).toEqual({ sentence: 'It flies.', tests: [] });
    expect(await isThere({ file: 'test/docs/guarantees.test.ts', title: ['no', 'such'].join(' ') })).toBe(
      false,
    );
  });
});
