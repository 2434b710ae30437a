/** The recipes of docs/http.md and docs/aws-events.md, each as the configuration that its reader writes. */
import { codeBlocks } from './markdown.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../scripts/stack/paths.ts';

export interface Recipe {
  readonly title: string;
  /** The whole configuration; its route `work` passes the data of all events as the parameter `data`. */
  readonly configuration: string;
  /** The name of its only source. */
  readonly source: string;
  /** The scheme of `verify`, or the type of the source. */
  readonly kind: string;
}

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: none }\n';

function routeOf(source: string): string {
  const run = 'run: { deployment: work/prod, parameters: { data: "events.map(e, e.data)" } }';
  return `routes: { work: { from: [${source}], ${run} } }\n`;
}

/** One recipe for each `verify` that a section shows: some providers have two schemes. */
export const HTTP_RECIPES: readonly Recipe[] = sections(
  'docs/http.md',
  '## Webhook providers',
  '\n### ',
).flatMap(({ title, blocks: [fields = '', rest = ''] }) => {
  const ways = fields.match(/^verify: \{.*$/gm) ?? [];
  return (ways.length < 2 ? [fields] : ways).map((way): Recipe => {
    const source = `sources:\n  hook:\n    type: http\n    path: /hook\n${way.replaceAll(/^(?=.)/gm, '    ')}\n`;
    const [, kind = ''] = /scheme: ([\w-]+)/.exec(way) ?? [];
    return { title, configuration: `${PREFECT}${source}${routeOf('hook')}${rest}`, source: 'hook', kind };
  });
});

export const AWS_RECIPES: readonly Recipe[] = sections('docs/aws-events.md', '# ', '\n## ').map(
  ({ title, blocks: [sources = ''] }) => {
    const [, source = '', rest = ''] = /^sources:\n {2}([\w-]+):(.*)/s.exec(sources) ?? [];
    const [, kind = ''] = /type: (\w+)/.exec(rest) ?? [];
    return { title, configuration: `${PREFECT}${sources}${routeOf(source)}`, source, kind };
  },
);

function sections(
  file: string,
  start: string,
  heading: string,
): readonly { readonly title: string; readonly blocks: readonly string[] }[] {
  const markdown = readFileSync(join(projectFolder, file), 'utf8');
  const blocks = codeBlocks(file).filter(({ language }) => language === 'yaml');
  return markdown
    .slice(markdown.indexOf(start))
    .split(heading)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      blocks: blocks.filter(({ text }) => section.includes(text)).map(({ text }) => text),
    }));
}
