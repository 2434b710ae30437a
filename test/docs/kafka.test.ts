import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';

const text = readFileSync(new URL('../../docs/kafka.md', import.meta.url), 'utf8');
const blocks = Array.from(text.matchAll(/```yaml\n(.*?)```/gs), ([, block = '']) => block);

const wholeSources = blocks.filter((block) => block.startsWith('sources:'));
const routes = blocks.filter((block) => block.startsWith('routes:'));
const furtherFields = blocks.filter((block) => block.startsWith('    '));

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: none }\n';
const ROUTES = 'routes: { work: { from: [orders-topic], run: { deployment: work/prod } } }\n';
const [msk = '', selfManaged = ''] = wholeSources;

/** The recipe with the fields that the page adds to it, in the place of those of the same name. */
function withFields(source: string, fields: string): string {
  const names = Array.from(fields.matchAll(/^ {4}(\w+):/gm), ([, name]) => name);
  const kept = source.split('\n').filter((line) => !names.some((name) => line.startsWith(`    ${name}:`)));
  return `${kept.join('\n')}${fields}`;
}

function reportOf(sources: string, routesText = ROUTES): string {
  const answer = loadConfigText(`${PREFECT}${sources}${routesText}`, 'docs/kafka.md');
  return reportProblems(allProblems(answer));
}

describe('the recipes of docs/kafka.md', () => {
  it('are those for two kinds of cluster, and what may be added to them', () => {
    expect(wholeSources).toHaveLength(2);
    expect(furtherFields.length).toBeGreaterThan(3);
    expect(wholeSources.length + furtherFields.length + routes.length).toBe(blocks.length);
  });

  it.each(wholeSources)('are sound without a warning: %s', (source) => {
    expect(reportOf(source)).toBe('0 errors, 0 warnings');
  });

  it.each(furtherFields)('are sound with the further fields of the page: %s', (fields) => {
    const source = /^ {4}(?:vpc|rootCa):/m.test(fields) ? selfManaged : msk;
    expect(reportOf(withFields(source, fields))).toBe('0 errors, 0 warnings');
  });

  it.each(routes)('are sound with the routes of the page: %s', (routesText) => {
    expect(reportOf(msk, routesText)).toBe('0 errors, 0 warnings');
  });
});
