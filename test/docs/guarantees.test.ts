/** Every guarantee names the test that holds it, and that test is there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BROKEN_ASSUMPTIONS } from '../model/assumptions.ts';

const root = join(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/guarantees.md'), 'utf8');

const GUARANTEES = '| guarantee | tested by |';
const ASSUMPTIONS = '| id | assumption | how Sluice holds it | what breaks without it |';

interface Guarantee {
  readonly sentence: string;
  readonly tests: readonly NamedTest[];
}

interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** The rows of all tables with this head. */
function rowsUnder(head: string, markdown: string): readonly (readonly string[])[] {
  const tables = markdown.split(`${head}\n`).slice(1);
  return tables.flatMap((table) => {
    const [, ...lines] = table.split('\n');
    const end = lines.findIndex((line) => !line.startsWith('|'));
    return lines.slice(0, end).map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  });
}

function guaranteesOf(markdown: string): readonly Guarantee[] {
  return rowsUnder(GUARANTEES, markdown).map(([sentence = '', heldBy = '']) => ({
    sentence,
    tests: testsIn(heldBy),
  }));
}

function testsIn(cell: string): readonly NamedTest[] {
  const named = [...cell.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)];
  return named.map(([, file = '', title = '']) => ({ file, title }));
}

async function isThere({ file, title }: NamedTest): Promise<boolean> {
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

  it('says of every assumption what breaks without it, and names where the model breaks it', async () => {
    const rows = rowsUnder(ASSUMPTIONS, page);
    const named = rows.flatMap(([assumption = '', , , breaks = '']) =>
      testsIn(breaks).map((test) => ({ assumption, ...test })),
    );
    expect(named.map(({ assumption, title }) => [assumption, title])).toEqual(
      BROKEN_ASSUMPTIONS.map(({ assumption, broken }) => [assumption, broken]),
    );
    for (const test of named) expect([test, await isThere(test)]).toEqual([test, true]);
  });

  it('would notice a sentence without a test, and a test that is not there', async () => {
    const [without] = guaranteesOf('| guarantee | tested by |\n| --- | --- |\n| It flies. | trust us |\n\n');
    expect(without).toEqual({ sentence: 'It flies.', tests: [] });
    expect(await isThere({ file: 'test/docs/guarantees.test.ts', title: ['no', 'such'].join(' ') })).toBe(
      false,
    );
  });
});
