/** docs/configuration.md, generated from the model: a table for each map, and all problems with an example. */
import { z } from 'zod';
import { configurationJsonSchema } from '../../lib/config/json-schema.ts';
import { PROBLEM_CODES } from '../../lib/config/issues/problem-codes.ts';
import { reportProblem } from '../../lib/config/issues/problem-report.ts';
import { exampleProblems, PROBLEM_EXAMPLES } from './problem-examples.ts';

/** As much of JSON Schema as the model makes. */
const Schema = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.json().optional(),
  examples: z.array(z.json()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return Schema.optional();
  },
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), Schema]).optional();
  },
  get anyOf() {
    return z.array(Schema).optional();
  },
  get oneOf() {
    return z.array(Schema).optional();
  },
});
type Schema = z.output<typeof Schema>;

const INTRODUCTION = `# Configuration reference

Generated from the model in \`lib/config\` by \`npm run generate\`; a test fails when it is stale.

A configuration is written in \`sluice.yaml\`, where editors complete it from \`sluice.schema.json\`, or in
TypeScript with \`defineConfig\`, which takes the same fields. \`sluice validate\` and \`cdk synth\` check it in
the same way and report all problems at once. Warnings do not stop a deployment.

- Durations have a unit: \`500ms\`, \`10s\`, \`5m\`, \`2h\`, \`15d\`, or ISO 8601 as in \`PT10S\`. \`0\` needs
  none where it is allowed.
- Sizes have a unit: \`512B\`, \`400KiB\`, \`1MiB\`.
- Expressions are [CEL](https://cel.dev). Filters and keys see \`event\`, runs see \`events\`, a list, oldest
  first. An event has \`id\`, \`source\`, \`type\`, \`subject\`, \`time\`, \`datacontenttype\`, \`dataschema\`, \`data\`,
  \`data_base64\`, \`extensions\`, \`headers\` and \`origin\`; reading one that is absent is an error, which \`has(event.subject)\` and
  \`event.?subject.orValue("")\` avoid. An expression that fails on an event sends it to the dead-letter queue.
`;

export function configurationReference(): string {
  const schema = Schema.parse(configurationJsonSchema());
  // Sources of several types share maps; each is described once.
  return [INTRODUCTION, ...new Set(sections('', schema)), problemSection()].join('\n');
}

/** A section for each map with fields, in the order of the model. */
function sections(path: string, schema: Schema): readonly string[] {
  if (schema.properties !== undefined) {
    const inner = Object.entries(schema.properties).flatMap(([field, value]) =>
      sections(path === '' ? field : `${path}.${field}`, value),
    );
    return [section(path, schema, schema.properties), ...inner];
  }
  if (typeof schema.additionalProperties === 'object') {
    return sections(`${path}.<name>`, schema.additionalProperties);
  }
  return (schema.oneOf ?? schema.anyOf ?? []).flatMap((branch) => sections(path, branch));
}

function section(path: string, schema: Schema, properties: Readonly<Record<string, Schema>>): string {
  const suffix = variantText(properties);
  const heading = path === '' ? 'The file' : `\`${path}\`${suffix}`;
  const rows = Object.entries(properties).map(([field, value]) => {
    const isRequired = schema.required?.includes(field) === true;
    const cells = [`\`${field}\``, typeText(value), defaultText(value, isRequired), value.description ?? ''];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return [
    `## ${heading}`,
    '',
    schema.description ?? '',
    '',
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Name one of several maps: by the constant that no other has, or by `scheme` where several schemes share a map. */
function variantText(properties: Readonly<Record<string, Schema>>): string {
  const variant = Object.entries(properties).find(([, { const: constant }]) => constant !== undefined);
  if (variant !== undefined) return `, ${variant[0]}: ${variant[1].const ?? ''}`;
  const schemes = properties['scheme']?.enum;
  return schemes === undefined ? '' : `, scheme: ${schemes.join(', ')}`;
}

function typeText(schema: Schema): string {
  const { title, type, items, minimum, maximum } = schema;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined) return [...new Set(branches.map(typeText))].join(' or ');
  if (type === 'boolean') return '`true`, `false`';
  if (items !== undefined) return `list of ${typeText(items)}`;
  if (type === 'object') {
    const inner =
      typeof schema.additionalProperties === 'object' ? typeText(schema.additionalProperties) : 'map';
    return inner === 'map' ? inner : `map of ${inner}`;
  }
  const isLimited = type === 'integer' && minimum !== undefined && maximum !== undefined;
  const range = isLimited ? `, ${minimum} to ${maximum}` : '';
  return `${title ?? 'text'}${range}`;
}

function defaultText(schema: Schema, isRequired: boolean): string {
  if (isRequired) return '**mandatory**';
  if (schema.default === undefined || schema.properties !== undefined) return '';
  const text = typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
  return `\`${text}\``;
}

function problemSection(): string {
  const rows = Object.entries(PROBLEM_EXAMPLES).map(([code, example]) => {
    const [severity, meaning] = PROBLEM_CODES[codeOf(code)];
    const problem = exampleProblems(example).find((candidate) => candidate.code === code);
    const message = problem === undefined ? '' : `\`${reportProblem(problem)}\``;
    const cells = [`\`${code}\``, severity, meaning, message];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return [
    '## Problems',
    '',
    'Codes are stable. Errors stop `sluice validate` and `cdk synth`, warnings do not.',
    '',
    '| code | severity | meaning | example |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function codeOf(text: string): keyof typeof PROBLEM_CODES {
  if (isCode(text)) return text;
  throw new RangeError(`${text} is not a problem code`);
}

function isCode(text: string): text is keyof typeof PROBLEM_CODES {
  return Object.hasOwn(PROBLEM_CODES, text);
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
