import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { CompiledKafkaSource } from '../../../../lib/compiled-config/compiled.ts';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';
import { reportProblem, reportProblems } from '../../../../lib/config/issues/problem-report.ts';

const CLUSTER = 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-2';
const SERVERLESS = 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-s1';
const SECRETS = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/0b6b5e1c';

function load(fields: string) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { topic: { type: kafka, ${fields} } }
routes: { work: { from: [topic], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
}

function compiled(fields: string): CompiledKafkaSource {
  const result = load(fields);
  if (!result.ok) throw new Error(reportProblems(allProblems(result)));
  const source = result.config.sources['topic'];
  if (source?.type !== 'kafka') throw new Error('not a Kafka source');
  return source;
}

function codesOf(fields: string): readonly string[] {
  const result = load(fields);
  return allProblems(result).map(({ code }) => code);
}

describe('a Kafka source', () => {
  it('a Kafka source needs cluster, topics and auth, and has defaults for the rest', () => {
    expect(compiled(`cluster: "${CLUSTER}", topics: [orders], auth: iam`)).toEqual({
      name: 'topic',
      type: 'kafka',
      format: 'auto',
      eventType: 'sluice.kafka.received',
      unwrap: [],
      function: { memoryMiB: 512, timeoutSeconds: 60 },
      cluster: { kind: 'msk', clusterArn: CLUSTER, auth: { scheme: 'iam' } },
      topics: ['orders'],
      consumerGroupId: null,
      startingPosition: { at: 'TRIM_HORIZON' },
      order: 'relaxed',
      batchSize: 1000,
      batchWindowSeconds: 1,
      provisioned: null,
      schemaRegistry: null,
    });
  });

  it('compiles every field of a Kafka source', () => {
    const fields = `
      bootstrapServers: ["b1.internal:9096", "[fd00::1]:9096"],
      auth: { scheme: scram-256, secret: "${SECRETS}:kafka-a1B2c3", kmsKey: "${KEY}" },
      rootCa: { secret: "${SECRETS}:kafka-ca-a1B2c3" },
      vpc: { subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0] },
      topics: [orders-v1],
      consumerGroup: sluice-orders,
      startingPosition: { at: "2026-01-31T01:00:00.999+01:00" },
      order: strict, batchSize: 500, batchWindow: 5m,
      provisioned: { minPollers: 2, maxPollers: 6 },
      schemaRegistry: { type: confluent, url: "https://registry.internal/base/", secret: registry },
      format: avro, eventType: order.paid, unwrap: [sns],
      function: { memory: 1GiB, timeout: 14m }`;
    expect(compiled(fields)).toEqual({
      name: 'topic',
      type: 'kafka',
      format: 'avro',
      eventType: 'order.paid',
      unwrap: ['sns'],
      function: { memoryMiB: 1024, timeoutSeconds: 840 },
      cluster: {
        kind: 'self-managed',
        bootstrapServers: ['b1.internal:9096', '[fd00::1]:9096'],
        auth: { scheme: 'scram-256', secret: `${SECRETS}:kafka-a1B2c3`, kmsKeyArn: KEY },
        rootCaSecret: `${SECRETS}:kafka-ca-a1B2c3`,
        vpc: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
      },
      topics: ['orders-v1'],
      consumerGroupId: 'sluice-orders',
      startingPosition: { at: 'AT_TIMESTAMP', timestampEpochSeconds: 1_769_817_600 },
      order: 'strict',
      batchSize: 500,
      batchWindowSeconds: 300,
      provisioned: { minPollers: 2, maxPollers: 6 },
      schemaRegistry: {
        kind: 'confluent',
        url: 'https://registry.internal/base',
        authSecret: 'registry',
      },
    });
  });

  it.each([
    ['none', 'none', []],
    ['iam', 'iam', []],
    [
      'scram-512',
      `{ scheme: scram-512, secret: "${SECRETS}:AmazonMSK_orders-a1B2c3", kmsKey: "${KEY}" }`,
      [],
    ],
    ['scram-512', `{ scheme: scram-512, secret: "${SECRETS}:AmazonMSK_orders-a1B2c3" }`, ['msk-secret-key']],
    ['mtls', `{ scheme: mtls, secret: "${SECRETS}:client-a1B2c3" }`, []],
    ['plain', `{ scheme: plain, secret: "${SECRETS}:AmazonMSK_orders-a1B2c3" }`, ['auth-not-on-msk']],
    ['scram-256', `{ scheme: scram-256, secret: "${SECRETS}:AmazonMSK_orders-a1B2c3" }`, ['auth-not-on-msk']],
  ])('a source on provisioned MSK with auth %s has the expected problems', (_scheme, auth, codes) => {
    expect(codesOf(`cluster: "${CLUSTER}", topics: [orders], auth: ${auth}`)).toEqual(codes);
  });

  it.each([
    [`{ scheme: oauth, secret: "${SECRETS}:kafka-a1B2c3" }`, 'auth-not-on-msk'],
    [`{ scheme: iam, cluster: "${CLUSTER}" }`, 'auth-not-on-msk'],
    ['{ scheme: iam-oauth, audience: kafka }', 'auth-not-on-msk'],
  ])('a source on MSK with auth %s has a problem, since it is for self-managed clusters', (auth, code) => {
    expect(codesOf(`cluster: "${CLUSTER}", topics: [orders], auth: ${auth}`)).toEqual([code]);
  });

  it.each([
    [
      `{ scheme: oauth, secret: "${SECRETS}:kafka-a1B2c3", kmsKey: "${KEY}", scope: "read:orders" }`,
      {
        scheme: 'oauth',
        secret: `${SECRETS}:kafka-a1B2c3`,
        kmsKeyArn: KEY,
        scope: 'read:orders',
        audience: null,
        logicalCluster: null,
        identityPool: null,
      },
    ],
    [`{ scheme: iam, cluster: "${CLUSTER}" }`, { scheme: 'iam', clusterArn: CLUSTER }],
    [
      '{ scheme: iam-oauth, audience: "https://kafka.example.com" }',
      { scheme: 'iam-oauth', audience: 'https://kafka.example.com' },
    ],
  ])('a source on brokers of its own with auth %s compiles', (auth, expected) => {
    const source = compiled(`bootstrapServers: ["b1.internal:9096"], topics: [orders], auth: ${auth}`);
    expect(source.cluster).toMatchObject({ kind: 'self-managed', auth: expected });
  });

  it.each([
    ['iam', ['iam-needs-msk']],
    ['{ scheme: iam }', ['missing-field']],
    ['{ scheme: iam, cluster: kafka.internal }', ['invalid-cluster-arn']],
    ['{ scheme: iam-oauth }', ['missing-field']],
    ['{ scheme: oauth, secret: kafka }', ['secret-needs-arn']],
    [`{ scheme: oauth, secret: "${SECRETS}:kafka-a1B2c3", scope: "a b" }`, ['invalid-kafka-auth-value']],
    [`{ scheme: oauth, secret: "${SECRETS}:kafka-a1B2c3", audience: "" }`, ['invalid-kafka-auth-value']],
    [`{ scheme: oauthbearer, secret: "${SECRETS}:kafka-a1B2c3" }`, ['unknown-value']],
    ['{ scheme: iam-oauth, audience: kafka, scope: read }', ['unknown-field']],
  ])('a source on brokers of its own with auth %s is refused', (auth, codes) => {
    expect(codesOf(`bootstrapServers: ["b1.internal:9096"], topics: [orders], auth: ${auth}`)).toEqual(codes);
  });

  it('a source of several topics has a group for each, by one prefix', () => {
    const fields = `cluster: "${CLUSTER}", auth: iam, topics: [orders, refunds]`;
    expect(compiled(`${fields}, consumerGroupPrefix: sluice-`)).toMatchObject({
      consumerGroupId: null,
      consumerGroupPrefix: 'sluice-',
    });
    expect(compiled(fields)).not.toHaveProperty('consumerGroupPrefix');
    expect(codesOf(`${fields}, consumerGroup: sluice`)).toEqual(['consumer-group-per-topic']);
    expect(codesOf(`${fields}, consumerGroupPrefix: "a b"`)).toEqual(['invalid-consumer-group']);
    expect(codesOf(`${fields}, consumerGroupPrefix: ${'a'.repeat(194)}`)).toEqual(['invalid-consumer-group']);
    expect(codesOf(`${fields}, consumerGroupPrefix: ${'a'.repeat(193)}`)).toEqual([]);
    const one = `cluster: "${CLUSTER}", auth: iam, topics: [orders]`;
    expect(codesOf(`${one}, consumerGroup: a, consumerGroupPrefix: b`)).toEqual(['invalid-consumer-group']);
  });

  it('a group by prefix is refused where another source has it by name', () => {
    const one = `type: kafka, cluster: "${CLUSTER}", auth: iam, topics: [orders]`;
    const result = loadConfigText(
      `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { a: { ${one}, consumerGroup: sluice-orders }, b: { ${one}, consumerGroupPrefix: sluice- } }
routes: { work: { from: [a, b], run: { deployment: work/prod } } }
`,
      'sluice.yaml',
    );
    expect(allProblems(result).map(({ code, found }) => [code, found])).toEqual([
      ['duplicate-consumer-group', 'sluice-orders, which source a has already'],
    ]);
  });

  it('a source on MSK Serverless authenticates by IAM only', () => {
    expect(codesOf(`cluster: "${SERVERLESS}", topics: [orders], auth: iam`)).toEqual([]);
    for (const auth of ['none', `{ scheme: mtls, secret: "${SECRETS}:client-a1B2c3" }`]) {
      expect(codesOf(`cluster: "${SERVERLESS}", topics: [orders], auth: ${auth}`)).toEqual([
        'serverless-needs-iam',
      ]);
    }
  });

  it.each(['plain', 'scram-256', 'scram-512', 'mtls'])(
    'a source outside MSK authenticates by %s',
    (scheme) => {
      const fields = `bootstrapServers: ["b:9092"], topics: [orders], auth: { scheme: ${scheme}, secret: "${SECRETS}:kafka-a1B2c3" }`;
      expect(compiled(fields).cluster).toMatchObject({ auth: { scheme } });
    },
  );

  it('reports all problems of a Kafka source at once', () => {
    const fields = `
      cluster: "${CLUSTER}", auth: { scheme: plain, secret: kafka }, vpc: { subnets: [], securityGroups: [] },
      topics: [orders, orders], consumerGroup: group, startingPosition: LATEST, batchWindow: 6m, batchSize: 20000,
      provisioned: { minPollers: 9, maxPollers: 3 }, format: protobuf, maxRecordAge: 60s, function: { timeout: 15m }`;
    expect([...codesOf(fields)].sort()).toEqual(
      [
        ...['auth-not-on-msk', 'secret-needs-arn', 'self-managed-only', 'empty', 'empty', 'repeated-topic'],
        ...[
          'consumer-group-per-topic',
          'latest-misses-events',
          'out-of-range',
          'out-of-range',
          'poller-range',
        ],
        ...['format-needs-registry', 'retry-limits-unsupported', 'kafka-timeout-too-long'],
      ].sort(),
    );
  });

  it('shows an example of each missing field of a Kafka source', () => {
    const result = load(
      'bootstrapServers: ["b:9092"], vpc: {}, startingPosition: {}, schemaRegistry: {}, rootCa: {}',
    );
    const reports = (result.ok ? [] : allProblems(result)).map(reportProblem);
    for (const example of [
      'sources.topic.auth: found nothing — add it, for example auth: iam, or auth: {',
      'sources.topic.topics: found nothing — add it, for example topics: [orders]',
      'sources.topic.vpc.subnets: found nothing — add it, for example subnets: [subnet-…]',
      'sources.topic.startingPosition.at: found nothing — add it, for example at: 2026',
      'sources.topic.schemaRegistry.type: found nothing — add it, for example type: confluent',
      'sources.topic.rootCa.secret: found nothing — add it, for example secret: arn:',
    ]) {
      expect(reports).toContainEqual(expect.stringContaining(example));
    }
  });

  it.each(['latest', 'EARLIEST'])('lists the starting positions instead of %s', (position) => {
    const result = load(`cluster: "${CLUSTER}", topics: [orders], auth: iam, startingPosition: ${position}`);
    const [problem] = result.ok ? [] : allProblems(result);
    expect(problem).toMatchObject({ code: 'unknown-value' });
    expect(problem?.fix).toMatch(/LATEST/);
  });

  it('refuses a URL of a registry with credentials without repeating them', () => {
    const result = load(
      `cluster: "${CLUSTER}", topics: [orders], auth: iam, schemaRegistry: { type: confluent, url: "https://me:hunter2@registry" }`,
    );
    const report = reportProblems(result.ok ? [] : allProblems(result));
    expect(report).toContain('invalid-registry-url');
    expect(report).not.toContain('hunter2');
  });

  it('a Kafka source either compiles or has problems, whatever its fields are', () => {
    const value = fc.oneof(
      fc.json(),
      fc.constantFrom('iam', 'LATEST', '[orders]', `"${CLUSTER}"`, '["b:1"]'),
    );
    const fields = ['cluster', 'bootstrapServers', 'auth', 'rootCa', 'vpc', 'topics', 'startingPosition'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...fields, 'provisioned', 'schemaRegistry'), value),
        (written) => {
          const result = load(
            Object.entries(written)
              .map(([field, text]) => `${field}: ${text}`)
              .join(', '),
          );
          expect(result.ok || allProblems(result).length > 0).toBe(true);
        },
      ),
    );
  });
});
