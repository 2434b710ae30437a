import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCUMENTED_PROBLEMS } from '../../lib/http-problem.ts';

const projectFolder = new URL('../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, projectFolder), 'utf8');
}

describe('docs/http.md', () => {
  it('has every problem of the endpoint, in the words of the table that answers', () => {
    const rows = read('docs/http.md').match(/^\| [45]\d\d \| `.*$/gm) ?? [];
    expect(rows).toEqual(
      DOCUMENTED_PROBLEMS.map(({ status, code, meaning }) => `| ${status} | \`${code}\` | ${meaning} |`),
    );
  });
});

/** `test/….test.ts`: "title", "title"; `test/….test.ts`: "title" */
function heldBy(cell: string): readonly (readonly [string, string])[] {
  return cell.split('; `').flatMap((part) => {
    const path = /test\/[\w./-]+\.test\.ts/.exec(part)?.[0] ?? '';
    return [...part.matchAll(/"([^"]+)"/g)].map(([, title = '']) => [path, title] as const);
  });
}

describe('docs/security.md', () => {
  const rows = read('docs/security.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:threat|---)/.test(line))
    .map((line) => line.split(' | '));

  it.each(rows)('%s: has a defense, and tests that are there', (_threat, defense, tests = '') => {
    expect(defense).not.toBe('');
    const held = heldBy(tests);
    expect(held.length).toBeGreaterThan(0);
    for (const [path, title] of held) {
      expect(existsSync(new URL(path, projectFolder)), path).toBe(true);
      expect(read(path)).toContain(title);
    }
  });
});
