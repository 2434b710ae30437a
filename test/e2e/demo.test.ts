/** `npm run demo` keeps the promise, and prints the rows that README.md shows. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { projectFolder } from '../../scripts/stack/paths.ts';
import { codeBlocks } from '../support/docs/markdown.ts';

const DEMO_LIMIT_MS = 600_000;

interface Row {
  readonly event: string;
  readonly source: string;
  readonly outcome: string;
  readonly state: string;
}

/** @returns the rows of a table whose columns are named by its first line and separated by two spaces */
function tableRows(text: string): readonly Row[] {
  const lines = text.split('\n');
  const header = lines.findIndex((line) => line.startsWith('event '));
  const [titles = '', , ...rest] = lines.slice(header);
  const end = rest.findIndex((line) => line.trim() === '');
  const cell = (line: string, title: string): string => {
    const start = titles.search(new RegExp(`\\b${title}\\b`));
    const [value = ''] = line.slice(start).split(/ {2,}/);
    return value.trim();
  };
  return rest.slice(0, end).map((line) => ({
    event: cell(line, 'event'),
    source: cell(line, 'source'),
    outcome: cell(line, 'outcome'),
    state: cell(line, 'state'),
  }));
}

it(
  'the demo keeps the promise, and prints what README.md shows',
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/demo.ts'], {
      cwd: projectFolder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [shown = ''] = codeBlocks('README.md').flatMap(({ language, text }) =>
      language === 'text' ? [text] : [],
    );
    const rows = tableRows(stdout);
    const isKafkaSkipped = stdout.includes('skipping Kafka');
    const expected = tableRows(shown).filter(({ source }) => !isKafkaSkipped || source !== 'orders-topic');
    expect(expected.length).toBeGreaterThan(5);
    expect(rows).toEqual(expect.arrayContaining([...expected]));
    const [summary = ''] = /^\d+ events accepted: .*$/m.exec(shown) ?? [];
    if (!isKafkaSkipped) expect(stdout).toContain(summary);
  },
  DEMO_LIMIT_MS,
);
