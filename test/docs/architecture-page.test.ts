import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../scripts/stack/paths.ts';

const page = readFileSync(join(projectFolder, 'ARCHITECTURE.md'), 'utf8');
const [, map = ''] = /^## Map\n(.*?)^## /ms.exec(page) ?? [];
const cells = [...map.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);

/** Paths of the map: `lib/adapters/{dynamodb,sqs}` are two, and `functions/*` is the folder. */
const paths = cells
  .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path))
  .filter((path) => !path.startsWith('*'))
  .flatMap((path) => {
    const [, before = '', names = ''] = /^(.*)\{(.*)\}$/.exec(path) ?? [];
    return names === '' ? [path.replace(/\/\*$/, '')] : names.split(',').map((name) => before + name);
  });

describe('the map in ARCHITECTURE.md', () => {
  it('names only files and folders that exist', () => {
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([]);
  });

  it('names every file and folder directly below lib/', () => {
    const entries = readdirSync(join(projectFolder, 'lib')).map((name) => `lib/${name}`);
    const missing = entries.filter(
      (entry) => !paths.some((path) => path === entry || path.startsWith(`${entry}/`)),
    );
    expect(missing).toEqual([]);
  });
});
