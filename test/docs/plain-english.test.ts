/**
 * Words that do not appear in documentation, messages, comments and test titles: private words, archaic words, and
 * people who stand for programs. Each has a replacement that a reader knows from the field.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../scripts/stack/paths.ts';

interface Word {
  readonly pattern: RegExp;
  readonly write: string;
}

const WORDS: readonly Word[] = [
  { pattern: /\bmend(?:s|ed|ing)?\b/i, write: 'fix, hint' },
  { pattern: /\b(?:nobody|somebody|whoever|anybody)\b/i, write: 'the actor, or the passive' },
  { pattern: /\bfor ever\b/i, write: 'permanently, without a limit' },
  { pattern: /\b(?:comes?|came|coming) again\b/i, write: 'is redelivered, is repeated' },
  { pattern: /\b(?:is|are|was|were|be) told\b/i, write: 'receives, is configured with' },
  { pattern: /\balarms? (?:\w+ )?rings?\b/i, write: 'an alarm fires' },
  { pattern: /\b(?:is|are|be|was|were) (?:un)?sound\b|\bunsound\b/i, write: 'valid, invalid' },
  {
    pattern: /(?<!\b[Tt]here )\b(?:is|are) no (?!longer|more|\w+ than)[A-Za-z]/,
    write: 'is not, is not a valid',
  },
  { pattern: /(?<!dead[- ])\bletters?\b(?! (?:and|or) digits|,? digits|\))/i, write: 'dead letter, message' },
  { pattern: /\bmachinery broke\b/i, write: 'internal error' },
  { pattern: /\bleft behind\b/i, write: 'excluded' },
  { pattern: /\bsees to\b/i, write: 'installs, makes sure' },
];

/** Proper uses, by the text around the word. */
const PROPER = [
  // The user of Debian under whom Postgres runs.
  /\buser `nobody`|'nobody'/,
  // Letters of the alphabet.
  /\b(?:expected a|lower-case|upper-case|encoded|capital|case of|two|one|each) letters?\b|\bletters? (?:case|encoded|beyond|of the alphabet)/i,
];

const FOLDERS = ['docs', 'lib', 'functions', 'infra', 'cli', 'bin', 'scripts', 'bench', 'demo', '.github'];
const EXTENSIONS = /\.(?:md|ts|mjs|py|yml|yaml)$/;

const files = [
  ...readdirSync(projectFolder).filter((name) => name.endsWith('.md') || name === 'sluice.yaml'),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => EXTENSIONS.test(name))
      .map((name) => join(folder, name)),
  ),
];

const TITLE = /\b(?:it|describe|test)(?:\.\w+)*\(\s*(['"`])(.*?)\1/gs;

const titles = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') || name.endsWith('.contract.ts'))
  .map((name) => join('test', name))
  .filter((file) => file !== 'test/docs/plain-english.test.ts');

/** @returns the places of a text in which the words appear */
function findWords(file: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    WORDS.filter(({ pattern }) => pattern.test(line) && !PROPER.some((proper) => proper.test(line))).map(
      ({ pattern, write }) => {
        const [found = ''] = pattern.exec(line) ?? [];
        return `${file}:${String(index + 1)} "${found}": write ${write}`;
      },
    ),
  );
}

function read(file: string): string {
  return readFileSync(join(projectFolder, file), 'utf8');
}

describe('plain English', () => {
  it('finds the words that it looks for, and lets proper uses pass', () => {
    const [first] = findWords('a.md', 'Nobody mends this for ever.');
    expect(first).toBe('a.md:1 "mends": write fix, hint');
    expect(findWords('a.md', 'The body is no JSON.')).toHaveLength(1);
    expect(findWords('a.md', 'A letter waits.')).toHaveLength(1);
    expect(
      findWords('a.md', 'There is no record. It is no longer open. Dead letters; letters, digits.'),
    ).toEqual([]);
  });

  it('is used in documentation, messages and comments', () => {
    expect(files.length).toBeGreaterThan(200);
    expect(files.flatMap((file) => findWords(file, read(file)))).toEqual([]);
  });

  it('is used in the titles of tests', () => {
    const found = titles.flatMap((file) =>
      [...read(file).matchAll(TITLE)].flatMap(([, , title = '']) => findWords(file, title)),
    );
    expect(found).toEqual([]);
  });
});
