/** What the model has against a configuration, in the words of problems instead of Zod's. */
import type { z } from 'zod';
import { describeFound } from './found-value.ts';
import { laterField } from './later.ts';
import { mappingSetting } from './mapping-settings.ts';
import { Refusal } from './model/leaf.ts';
import type { ConfigIssue, ProblemPath } from './problem.ts';
import { suggestOrList } from './suggestion.ts';
import { valueAt } from '../json/value-at.ts';

type Issue = z.core.$ZodIssue;

/** How mandatory fields look when they are there. */
const EXAMPLES: Readonly<Record<string, string>> = {
  prefect: 'prefect: { apiUrl: …, auth: … }',
  apiUrl: 'apiUrl: https://prefect.internal/api',
  auth: 'auth: { secret: sluice/prefect }, or auth: none for a server without credentials',
  secret: 'secret: sluice/prefect',
  sources: 'sources: { jobs: { type: sqs, queueArn: … } }',
  type: 'type: http',
  path: 'path: /orders',
  scheme: 'scheme: bearer',
  queueArn: 'queueArn: arn:aws:sqs:eu-central-1:123456789012:jobs',
  certificate: 'certificate: arn:aws:acm:eu-central-1:123456789012:certificate/…',
  truststore: 'truststore: s3://example-trust/clients.pem',
  pattern: 'pattern: { source: [com.example.shop] }',
  routes: 'routes: { process-orders: { from: [jobs], run: … } }',
  from: 'from: [jobs]',
  mode: 'mode: invocation',
  maxWait: 'maxWait: 1m',
  quiet: 'quiet: 10s',
  size: 'size: 10m',
  every: 'every: 1m',
  run: 'run: { deployment: process-orders/prod }',
  deployment: 'deployment: process-orders/prod',
  value: 'value: events.map(e, e.data)',
};

/** The same for fields of Kafka sources: those below the field named here, and the field itself. */
const KAFKA_EXAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auth: {
    auth: 'auth: iam, or auth: { scheme: scram-512, secret: arn:… }',
    scheme: 'scheme: scram-512',
    secret: 'secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_orders-a1B2c3',
  },
  rootCa: { secret: 'secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-ca-a1B2c3' },
  schemaRegistry: {
    type: 'type: confluent',
    url: 'url: https://registry.example.com',
    region: 'region: eu-central-1',
  },
  startingPosition: { at: 'at: 2026-01-31T00:00:00Z' },
  topics: { topics: 'topics: [orders]' },
  vpc: { subnets: 'subnets: [subnet-…]', securityGroups: 'securityGroups: [sg-…]' },
};

/** What else may stand where a text is one of several. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'prefect.auth': ['{ secret: … }'],
  'sources.auth': ['{ scheme: scram-512, secret: … }'],
  'sources.startingPosition': ['{ at: … }'],
  'sources.respond': ['{ mode: run, maxWait: 10s }'],
  'sources.verify': ['{ scheme: bearer, secret: … }'],
};

/** The modes that know an option, the one that is most often meant first. */
const COALESCE_OPTIONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  key: ['invocation', 'window', 'debounce', 'sliding'],
  maxEvents: ['invocation', 'window', 'debounce', 'sliding'],
  maxBytes: ['invocation', 'window', 'debounce', 'sliding'],
  maxWait: ['window', 'debounce'],
  bypassWhen: ['window', 'debounce'],
  quiet: ['debounce'],
  size: ['sliding'],
  every: ['sliding'],
};

/** `root` is the configuration that Zod was given. */
export function modelFindings(issues: readonly Issue[], root: unknown): readonly ConfigIssue[] {
  return issues.flatMap((issue) => findingsOf(issue, [], root));
}

function findingsOf(issue: Issue, prefix: ProblemPath, root: unknown): readonly ConfigIssue[] {
  const at: ProblemPath = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
  const value = valueAt(root, at);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField([...at, key], issue.message.split(' '), root));
    case 'invalid_key':
      return issue.issues.flatMap((inner) => refusalOf(inner, at, 'key'));
    case 'custom':
      if (value === undefined) return [missingField(at)];
      return refusalOf(issue, at, 'value');
    case 'invalid_union':
      if (value === undefined) return [missingField(at)];
      if (issue.errors.length === 0) {
        return [unknownValue(at, value, 'options' in issue ? texts(issue.options) : [])];
      }
      return unionFindings(issue.errors, at, root);
    case 'invalid_value':
      if (value === undefined) return [missingField(at)];
      return [unknownValue(at, value, texts(issue.values))];
    case 'invalid_type':
      if (value === undefined) return [missingField(at)];
      return [wrongType(at, value, TYPE_FIXES[issue.expected] ?? `write a ${issue.expected}`)];
    case 'too_small':
      // Lists are all that the model has a smallest size for.
      return [{ code: 'empty', at, anchor: 'value', found: 'an empty list', fix: 'name at least one' }];
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'too_big':
      // The model's leaves check all of this themselves.
      return [wrongType(at, value, issue.message)];
  }
}

const TYPE_FIXES: Readonly<Record<string, string>> = {
  object: 'write a map',
  record: 'write a map',
  array: 'write a list',
  string: 'write a text',
  boolean: 'write true or false',
};

/** The branch that the value was meant for: the one that accepts its type. */
function unionFindings(
  branches: readonly (readonly Issue[])[],
  at: ProblemPath,
  root: unknown,
): readonly ConfigIssue[] {
  const findings = branches.map((issues) => issues.flatMap((issue) => findingsOf(issue, at, root)));
  const takesValue = (branch: readonly ConfigIssue[]): boolean =>
    branch.every(({ code, at: { length } }) => length > at.length || code !== 'wrong-type');
  return findings.find(takesValue) ?? [wrongType(at, valueAt(root, at), 'write a text or a map')];
}

function unknownField(at: ProblemPath, known: readonly string[], root: unknown): ConfigIssue {
  const field = String(at.at(-1));
  const found = `the unknown field ${field}`;
  const later = laterField(field);
  if (later !== null) return { ...later, at, anchor: 'key', found: `the field ${field}` };
  const setting = at[0] === 'sources' ? mappingSetting(field) : null;
  if (setting !== null) return { ...setting, at, anchor: 'key', found: `the field ${field}` };
  const modes = at.at(-2) === 'coalesce' ? COALESCE_OPTIONS[field] : undefined;
  if (modes !== undefined) {
    const own = describeMode(valueAt(root, [...at.slice(0, -1), 'mode']));
    return {
      code: 'coalesce-option-not-in-mode',
      at,
      anchor: 'key',
      found: `${field}, which belongs to mode ${alternatives(modes)}, ${own}`,
      fix: `remove it, or write mode: ${modes[0]}`,
    };
  }
  return { code: 'unknown-field', at, anchor: 'key', found, fix: suggestOrList(field, known, 'known here') };
}

function alternatives(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

function describeMode(mode: unknown): string {
  return typeof mode === 'string' ? `beside mode ${mode}` : 'and no mode';
}

function unknownValue(at: ProblemPath, value: unknown, options: readonly string[]): ConfigIssue {
  const field = String(at.at(-1));
  if (typeof value !== 'string') return wrongType(at, value, `write one of ${options.join(', ')}`);
  return {
    code: 'unknown-value',
    at,
    anchor: 'value',
    found: describeFound(value),
    fix: suggestOrList(value, [...options, ...(ALSO[`${String(at[0])}.${field}`] ?? [])], 'write one of'),
  };
}

function missingField(at: ProblemPath): ConfigIssue {
  const field = String(at.at(-1) ?? '');
  if (field === 'verify') {
    return {
      code: 'verify-missing',
      at,
      anchor: 'key',
      found: 'nothing',
      fix: 'add verify: { scheme: bearer, secret: … } or verify: iam; verify: none leaves the endpoint open to anybody',
    };
  }
  const ofKafka = at[0] === 'sources' ? KAFKA_EXAMPLES[String(at[2])] : undefined;
  const example = ofKafka?.[field] ?? EXAMPLES[field];
  const fix = example === undefined ? 'add it' : `add it, for example ${example}`;
  return { code: 'missing-field', at, anchor: 'key', found: 'nothing', fix };
}

function wrongType(at: ProblemPath, value: unknown, fix: string): ConfigIssue {
  return { code: 'wrong-type', at, anchor: 'value', found: describeFound(value), fix };
}

function refusalOf(issue: Issue, at: ProblemPath, anchor: ConfigIssue['anchor']): readonly ConfigIssue[] {
  const refusal: unknown = issue.code === 'custom' ? issue.params?.['refusal'] : undefined;
  if (!(refusal instanceof Refusal)) {
    return [{ code: 'wrong-type', at, anchor, found: 'a value', fix: issue.message }];
  }
  const { code, found, fix, offset } = refusal;
  return [{ code, at, anchor, found, fix, ...(offset === undefined ? {} : { offset }) }];
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
