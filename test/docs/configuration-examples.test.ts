/**
 * Every configuration in the documentation is valid, without a warning. Most examples show a part of a configuration:
 * it is completed with the smallest rest that it needs.
 */
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { codeBlocks, MARKDOWN_FILES } from '../support/docs/markdown.ts';

interface Example {
  readonly name: string;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: none }\n';
const TOP_LEVEL = [
  'prefect',
  'sources',
  'routes',
  'endpoint',
  'overflow',
  'limits',
  'logs',
  'table',
  'defaults',
  'tests',
];
const HTTP_SOURCE = ['verify', 'headers', 'unwrap', 'webhookOrigins', 'respond'];
const KAFKA_SOURCE = [
  ...['auth', 'rootCa', 'vpc', 'provisioned', 'format', 'schemaRegistry', 'startingPosition'],
  'filterCriteria',
];
const SELF_MANAGED = ['rootCa', 'vpc'];
const RUN = ['parameters', 'name', 'tags', 'workQueue', 'after', 'jobVariables'];
const ROUTE = ['coalesce', 'dedupe', 'when'];

const MSK = 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-6f0b-4c5c-9c63-1d1f4b9f7a10-2';
const MUTUAL_TLS = `endpoint:
  domains:
    mtls.example.com:
      certificate: arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
      mutualTls: { truststore: s3://example-trust/clients.pem }
`;

const examples = MARKDOWN_FILES.flatMap((file) =>
  codeBlocks(file)
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ line, text }) =>
      alternatives(dedent(text)).map((each) => ({ name: `${file}:${String(line)}`, text: each })),
    ),
);

/** An example that repeats its only field shows several ways to write it. */
function alternatives(text: string): readonly string[] {
  const fields = text.match(/^\w+:.*$/gm) ?? [];
  const names = new Set(fields.map((field) => field.split(':')[0]));
  return names.size < fields.length && names.size === 1 ? fields : [text];
}

function dedent(text: string): string {
  const [indentation = ''] = /^ */.exec(text) ?? [];
  return text.replaceAll(new RegExp(`^${indentation}`, 'gm'), '');
}

function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}

function fieldsOf(text: string): Fields {
  const value: unknown = parseDocument(text).toJS();
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function complete({ name, text }: Example): string {
  const fields = Object.keys(fieldsOf(text));
  const areAmong = (known: readonly string[]): boolean => fields.every((field) => known.includes(field));
  if (areAmong(TOP_LEVEL)) return completeTopLevel(text);
  if (areAmong(HTTP_SOURCE)) {
    const domain = text.includes('scheme: mtls') ? MUTUAL_TLS : '';
    return completeTopLevel(
      `sources:\n  hook:\n    type: http\n    path: /hook\n${indent(text, 4)}${domain}`,
    );
  }
  if (areAmong(KAFKA_SOURCE)) {
    const isSelfManaged = fields.some((field) => SELF_MANAGED.includes(field));
    const cluster = isSelfManaged ? 'bootstrapServers: [kafka.example.com:9096]' : `cluster: ${MSK}`;
    const auth = fields.includes('auth') ? '' : `    auth: ${isSelfManaged ? 'none' : 'iam'}\n`;
    return completeTopLevel(
      `sources:\n  orders-topic:\n    type: kafka\n    ${cluster}\n    topics: [orders]\n${auth}${indent(text, 4)}`,
    );
  }
  if (areAmong(ROUTE)) {
    return completeTopLevel(
      `routes:\n  work:\n    from: [jobs]\n    run: { deployment: work/prod }\n${indent(text, 4)}`,
    );
  }
  if (areAmong(RUN)) {
    const coalesce = text.includes('window.') ? '{ mode: window, maxWait: 1m }' : '{ mode: none }';
    return completeTopLevel(
      `routes:\n  work:\n    from: [jobs]\n    coalesce: ${coalesce}\n    run:\n      deployment: work/prod\n${indent(text, 6)}`,
    );
  }
  throw new Error(`${name}: unknown fields ${fields.join(', ')}`);
}

/** Add Prefect, the sources that the routes name, and a route for the sources, as far as they are missing. */
function completeTopLevel(text: string): string {
  const { prefect, sources, routes, endpoint } = fieldsOf(text);
  const named = Object.values(
    (routes ?? {}) as Readonly<Record<string, { from: readonly string[] }>>,
  ).flatMap(({ from }) => from);
  const given = Object.keys(sources ?? {});
  const needsEndpoint = endpoint !== undefined && sources === undefined;
  const missing = needsEndpoint ? ['hook'] : sources === undefined ? [...new Set([...named, 'jobs'])] : [];
  const names = [...given, ...missing];
  return [
    prefect === undefined ? PREFECT : '',
    missing.length === 0
      ? ''
      : `sources:\n${missing.map((name) => sourceText(name, needsEndpoint)).join('')}`,
    text,
    routes === undefined
      ? `routes: { rest: { from: [${names.join(', ')}], run: { deployment: rest/prod } } }\n`
      : '',
  ].join('\n');
}

function sourceText(name: string, isHttp: boolean): string {
  const rest = isHttp
    ? `type: http, path: /${name}, verify: { scheme: bearer, secret: sluice/hook }`
    : name.includes('topic')
      ? `type: kafka, cluster: "${MSK}", auth: iam, topics: [${name}]`
      : `type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:${name}"`;
  return `  ${name}: { ${rest} }\n`;
}

describe('the configurations in the documentation', () => {
  it('are many', () => {
    expect(examples.length).toBeGreaterThan(40);
  });

  it.each(examples)('at $name: is valid without a warning', (example) => {
    const loaded = loadConfigText(complete(example), example.name);
    const issues = loaded.ok ? loaded.warnings : [...loaded.errors, ...loaded.warnings];
    // A part that shows no route leaves the completing source without one, and the other way round.
    expect(issues.filter(({ code }) => code !== 'source-without-route')).toEqual([]);
  });
});
