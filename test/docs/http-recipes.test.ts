import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { WEBHOOK_PROVIDERS } from '../../lib/verification/webhook-providers.ts';

const text = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const senders = text.slice(text.indexOf('## Webhook providers'));

interface Recipe {
  readonly title: string;
  readonly yaml: string;
  /** What else the configuration needs, beside the source. */
  readonly rest: string;
  readonly lines: readonly string[];
}

/** A recipe that shows two ways has a line for each, and is read as two. */
const recipes: readonly Recipe[] = senders
  .split('\n### ')
  .slice(1)
  .flatMap((section): Recipe[] => {
    const title = section.slice(0, section.indexOf('\n'));
    const [yaml = '', rest = ''] = Array.from(
      section.matchAll(/```yaml\n(.*?)```/gs),
      ([, block]) => block ?? '',
    );
    const lines = section.match(/^\d\. /gm) ?? [];
    const ways = yaml.match(/^verify: \{.*$/gm) ?? [];
    return (ways.length < 2 ? [yaml] : ways).map((way) => ({ title, yaml: way, rest, lines }));
  });

const indented = (yaml: string): string => yaml.replace(/^/gm, '    ');

describe('the recipes of docs/http.md', () => {
  it.each(recipes)('$title: is a configuration, and five lines', ({ yaml, rest, lines }) => {
    const answer = loadConfigText(
      `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources:
  hook:
    type: http
    path: /hook
${indented(yaml)}
routes: { work: { from: [hook], run: { deployment: work/prod } } }
${rest}
`,
      'docs/http.md',
    );
    expect(allProblems(answer)).toEqual([]);
    expect(lines).toHaveLength(5);
  });

  it('know every sender', () => {
    for (const sender of Object.keys(WEBHOOK_PROVIDERS))
      expect(senders).toContain(`scheme: ${sender}, secret`);
  });
});
