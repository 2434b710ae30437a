import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledFilterCriteria } from '../../../lib/compiled-config/compiled.ts';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { defineConfig } from '../../../lib/config/define-config.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';

const SQS = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';
const KAFKA =
  'type: kafka, cluster: "arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-2", topics: [orders], auth: iam';

function load(source: string) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { events: { ${source} } }
routes: { work: { from: [events], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
}

const problemsOf = (source: string) => allProblems(load(source)).map(({ code, found }) => [code, found]);

const codesOf = (source: string) => allProblems(load(source)).map(({ code }) => code);

function compiled(source: string): CompiledFilterCriteria | undefined {
  const result = load(source);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const events = result.config.sources['events'];
  return events?.type === 'sqs' || events?.type === 'kafka' ? events.filterCriteria : undefined;
}

describe('filterCriteria', () => {
  it.each([
    ['a field', '{ body: { type: [order.paid, order.new] } }'],
    ['a nested field, a number, null, a truth value', '{ body: { a: { b: [1, null, true, ""] } } }'],
    ['a plain text', '{ body: ["ping", { prefix: "job:" }] }'],
    [
      'every comparison',
      '{ body: { a: [{ prefix: a }], b: [{ suffix: b }], c: [{ equals-ignore-case: c }], d: [{ exists: false }], e: [{ anything-but: [a, 1] }], f: [{ numeric: [">", 0, "<=", 5] }] } }',
    ],
    ['one of two fields', '{ body: { $or: [{ a: [1] }, { b: [2] }] } }'],
    ['metadata', '{ messageAttributes: { tenant: { stringValue: [acme] } } }'],
  ])('of SQS passes on %s as it is written', (_what, pattern) => {
    const result = load(`${SQS}, filterCriteria: [${pattern}]`);
    expect(allProblems(result)).toEqual([]);
    expect(compiled(`${SQS}, filterCriteria: [${pattern}]`)).toHaveLength(1);
  });

  it('of Kafka passes on the value and metadata, and is absent where it is not written', () => {
    expect(
      compiled(`${KAFKA}, filterCriteria: [{ value: { type: [order.paid] } }, { topic: [orders] }]`),
    ).toEqual([{ value: { type: ['order.paid'] } }, { topic: ['orders'] }]);
    expect(compiled(KAFKA)).toBeUndefined();
  });

  it.each<[string, string, string, string]>([
    [SQS, '{ value: { type: [a] } }', 'invalid-filter-criteria', 'the field "value"'],
    [KAFKA, '{ body: { type: [a] } }', 'invalid-filter-criteria', 'the field "body"'],
    [KAFKA, '{ headers: { type: [a] } }', 'invalid-filter-criteria', 'the field "headers"'],
    [SQS, '{ type: [a] }', 'invalid-filter-criteria', 'the field "type"'],
    [SQS, '{ body: { type: a } }', 'invalid-filter-criteria', 'the text "a" at body.type'],
    [SQS, '{ body: { type: [] } }', 'invalid-filter-criteria', 'an empty list at body.type'],
    [SQS, '{ body: {} }', 'invalid-filter-criteria', 'an empty map at body'],
    [SQS, '{}', 'invalid-filter-criteria', 'an empty map'],
    [SQS, '{ body: { type: [[a]] } }', 'invalid-filter-criteria', 'a list in a list at body.type'],
    [
      SQS,
      '{ body: { type: [{ wildcard: "a*" }] } }',
      'invalid-filter-criteria',
      'the comparison "wildcard" at body.type',
    ],
    [SQS, '{ body: { type: [{}] } }', 'invalid-filter-criteria', 'the comparison "" at body.type'],
    [
      SQS,
      '{ body: { type: [{ prefix: a, suffix: b }] } }',
      'invalid-filter-criteria',
      'prefix beside suffix at body.type',
    ],
    [
      SQS,
      '{ body: { type: [{ exists: "true" }] } }',
      'invalid-filter-criteria',
      'the text "true" at body.type.exists',
    ],
    [
      SQS,
      '{ body: { a: [{ numeric: [">", "1"] }] } }',
      'invalid-filter-criteria',
      'a list at body.a.numeric',
    ],
    [SQS, '{ body: { a: [{ numeric: [">"] }] } }', 'invalid-filter-criteria', 'a list at body.a.numeric'],
    [SQS, '{ body: { $or: [{ a: [1] }] } }', 'invalid-filter-criteria', 'a list at body.$or'],
    [SQS, '{ $or: [{ body: { a: [1] } }, { a: [1] }] }', 'invalid-filter-criteria', 'the field "a"'],
    [SQS, '"{}"', 'wrong-type', 'the text "{}"'],
    [KAFKA, `{ value: { a: ["${'x'.repeat(4_096)}"] } }`, 'out-of-range', 'a pattern of 4116 characters'],
  ])('of { %s } refuses %s', (source, pattern, code, found) => {
    expect(problemsOf(`${source}, filterCriteria: [${pattern}]`)).toEqual([[code, found]]);
  });

  it('has one to five patterns, the quota of Lambda', () => {
    const five = Array(5).fill('{ body: { a: [1] } }').join(', ');
    expect(problemsOf(`${SQS}, filterCriteria: [${five}]`)).toEqual([]);
    expect(codesOf(`${SQS}, filterCriteria: [${five}, { body: { a: [1] } }]`)).toEqual(['out-of-range']);
    expect(codesOf(`${SQS}, filterCriteria: []`)).toEqual(['empty']);
  });

  it.each(['avro', 'protobuf', 'json-schema', 'binary'])(
    'is refused for the data of format %s, which Lambda would discard altogether',
    (format) => {
      const registry = 'schemaRegistry: { type: glue, region: eu-central-1 }';
      const filter = 'filterCriteria: [{ topic: [orders] }, { value: { a: [1] } }]';
      expect(codesOf(`${KAFKA}, format: ${format}, ${registry}, ${filter}`)).toEqual([
        'filter-cannot-see-data',
      ]);
    },
  );

  it('is a field of neither HTTP nor EventBridge, which have other ways to say it', () => {
    const http = 'type: http, path: /a, verify: iam, filterCriteria: [{ body: { a: [1] } }]';
    const bus = 'type: eventbridge, pattern: { source: [a] }, filterCriteria: [{ body: { a: [1] } }]';
    for (const source of [http, bus]) expect(codesOf(source)).toEqual(['unknown-field']);
  });

  it('answers any value with a problem or takes it as it is, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const source = { type: 'sqs', queueArn: 'arn:aws:sqs:eu-central-1:123456789012:jobs' } as const;
        const filterCriteria = [value as Record<string, unknown>];
        const result = defineConfig({
          prefect: { apiUrl: 'https://prefect.internal/api', auth: 'none' },
          sources: { events: { ...source, filterCriteria } },
          routes: { work: { from: ['events'], run: { deployment: 'work/prod' } } },
        });
        const events = result.ok ? result.config.sources['events'] : undefined;
        if (events?.type !== 'sqs') return;
        expect(events.filterCriteria).toEqual(filterCriteria);
        expect(JSON.stringify(filterCriteria[0]).length).toBeLessThanOrEqual(4_096);
      }),
    );
  });
});
