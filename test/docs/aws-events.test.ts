import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';

const text = readFileSync(new URL('../../docs/aws-events.md', import.meta.url), 'utf8');

const recipes = text
  .split('\n## ')
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    yaml: /```yaml\n(.*?)```/s.exec(section)?.[1] ?? '',
    lines: section.match(/^\d\. /gm) ?? [],
  }));

describe('the recipes of docs/aws-events.md', () => {
  it.each(recipes)('$title: is a configuration, and five lines', ({ yaml, lines }) => {
    const [, name = ''] = /^sources:\n {2}([a-z-]+):/.exec(yaml) ?? [];
    const answer = loadConfigText(
      `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
${yaml}
routes: { work: { from: [${name}], run: { deployment: work/prod } } }
`,
      'docs/aws-events.md',
    );
    expect(allProblems(answer)).toEqual([]);
    expect(lines).toHaveLength(5);
  });

  it('are of the three services whose envelopes are known', () => {
    expect(recipes.map(({ title }) => title)).toEqual(['EventBridge', 'SNS', 'S3']);
  });
});
