import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import type { Problem } from '../../../lib/config/issues/problem.ts';
import { reportProblem, reportProblems } from '../../../lib/config/issues/problem-report.ts';

const VALID = `
prefect: { apiUrl: https://prefect.internal/api/, auth: none }
sources:
  jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" }
routes:
  work: { from: [jobs], run: { deployment: work/prod } }
`;

function problemsOf(text: string): readonly Problem[] {
  const result = loadConfigText(text, 'sluice.yaml');
  return allProblems(result);
}

function compiled(text: string) {
  const result = loadConfigText(text, 'sluice.yaml');
  if (!result.ok) throw new Error(reportProblems(allProblems(result)));
  return result.config;
}

describe('loadConfigText', () => {
  it('fills in every default', () => {
    expect(compiled(VALID)).toEqual({
      formatVersion: 1,
      hash: compiled(VALID).hash,
      prefect: {
        apiUrl: 'https://prefect.internal/api',
        authSecret: null,
        headers: {},
        requestTimeoutMs: 10_000,
      },
      limits: { maxEventBytes: 409_600, maxDepth: 100, maxKeys: 10_000 },
      overflow: { retentionDays: 30 },
      endpoint: { domains: [], disableExecuteApiEndpoint: false },
      logs: { level: 'INFO', outcomes: { kind: 'all' } },
      table: { kind: 'own', pointInTimeRecovery: true },
      sources: {
        jobs: {
          name: 'jobs',
          type: 'sqs',
          queueArn: 'arn:aws:sqs:eu-central-1:123456789012:jobs',
          order: 'relaxed',
          format: 'auto',
          eventType: 'sluice.sqs.received',
          unwrap: [],
          function: { memoryMiB: 512, timeoutSeconds: 60 },
          queue: { batchSize: 100, batchWindowSeconds: 1, maxConcurrency: 10, maxReceiveCount: 1000 },
        },
      },
      routes: [
        {
          name: 'work',
          from: ['jobs'],
          when: null,
          dedupe: { key: null, retentionSeconds: 1_296_000 },
          coalesce: { mode: 'none' },
          run: {
            flow: 'work',
            deployment: 'prod',
            parameters: { events: { expression: 'events', as: 'json' } },
            templateMarkers: 'refuse',
            overflow: 'refuse',
            tags: [],
          },
        },
      ],
    });
  });

  it('compiles every field', () => {
    const config = compiled(`
prefect:
  apiUrl: https://api.prefect.cloud/api/accounts/a/workspaces/b
  auth: { secret: sluice/prefect }
  headers: { x-tenant: north }
  requestTimeout: PT20S
limits: { maxEventBytes: 100KiB, maxDepth: 5, maxKeys: 50 }
sources:
  hook:
    type: http
    path: /a/b.c
    verify: { scheme: bearer, secret: sluice/hook }
    maxBodyBytes: 2MiB
    maxEventsPerRequest: 7
    format: json
    eventType: com.example.hook
    function: { memory: 1GiB, timeout: 2m }
    queue: { batchSize: 50, batchWindow: 5s, maxConcurrency: 3, maxReceiveCount: 20 }
  open: { type: http, path: /open, verify: none }
  signed: { type: http, path: /signed, verify: iam }
routes:
  work:
    from: [hook, open, signed]
    when: event.data.total > 0
    dedupe: { key: event.data.id, retention: 30d }
    coalesce: { mode: invocation, key: event.data.region, maxEvents: 20, maxBytes: 100KiB }
    run:
      deployment: my flow/prod v2
      templateMarkers: escape
      overflow: s3
      tags: [a, b]
      parameters:
        plain: events.map(e, e.data)
        text: { value: events, as: string }
        json: { value: size(events) }
`);
    expect(config).toMatchObject({
      prefect: {
        authSecret: 'sluice/prefect',
        headers: { 'x-tenant': 'north' },
        requestTimeoutMs: 20_000,
      },
      limits: { maxEventBytes: 102_400, maxDepth: 5, maxKeys: 50 },
      sources: {
        hook: {
          type: 'http',
          path: '/a/b.c',
          verify: { scheme: 'bearer', secret: 'sluice/hook' },
          maxBodyBytes: 2_097_152,
          maxEventsPerRequest: 7,
          format: 'json',
          eventType: 'com.example.hook',
          unwrap: [],
          function: { memoryMiB: 1024, timeoutSeconds: 120 },
          queue: { batchSize: 50, batchWindowSeconds: 5, maxConcurrency: 3, maxReceiveCount: 20 },
        },
        open: { verify: { scheme: 'none' }, eventType: 'sluice.http.received' },
        signed: { verify: { scheme: 'iam' } },
      },
      routes: [
        {
          when: 'event.data.total > 0',
          dedupe: { key: 'event.data.id', retentionSeconds: 2_592_000 },
          coalesce: { mode: 'invocation', key: 'event.data.region', maxEvents: 20, maxBytes: 102_400 },
          run: {
            flow: 'my flow',
            deployment: 'prod v2',
            templateMarkers: 'escape',
            overflow: 's3',
            tags: ['a', 'b'],
            parameters: {
              plain: { expression: 'events.map(e, e.data)', as: 'json' },
              text: { expression: 'events', as: 'string' },
              json: { expression: 'size(events)', as: 'json' },
            },
          },
        },
      ],
    });
  });

  it.each([
    ['a FIFO queue', 'queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs.fifo"', 10, 0],
    [
      'a queue without a window',
      'queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs", queue: { batchWindow: 0s }',
      10,
      0,
    ],
    [
      'a queue with small batches',
      'queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs", queue: { batchSize: 5 }',
      5,
      1,
    ],
  ])('compiles %s with settings that Lambda allows', (_what, fields, batchSize, batchWindowSeconds) => {
    const config = compiled(VALID.replace(/queueArn: "[^"]*"/, fields));
    expect(config.sources['jobs']).toMatchObject({ queue: { batchSize, batchWindowSeconds } });
  });

  it('warns about the addresses of the local demo in the sample, and about nothing else', () => {
    const text = readFileSync(new URL('../../../sluice.yaml', import.meta.url), 'utf8');
    const result = loadConfigText(text, 'sluice.yaml');
    expect(result.ok && result.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['loopback-address', 'prefect.apiUrl'],
      ['emulator-account', 'sources.jobs.queueArn'],
      ['loopback-address', 'sources.orders-topic.bootstrapServers[0]'],
    ]);
  });

  it('freezes the whole compiled configuration', () => {
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(compiled(VALID));
  });

  it('computes a hash of the content that does not depend on the order of fields', () => {
    const reordered = VALID.replace(
      '{ from: [jobs], run: { deployment: work/prod } }',
      '{ run: { deployment: work/prod }, from: [jobs] }',
    );
    expect(reordered).not.toBe(VALID);
    expect(compiled(reordered).hash).toBe(compiled(VALID).hash);
    expect(compiled(VALID).hash).toMatch(/^[0-9a-f]{16}$/);
    expect(compiled(VALID.replace('work/prod', 'work/test')).hash).not.toBe(compiled(VALID).hash);
  });

  it('reports all problems at once, in the order of the file', () => {
    const problems = problemsOf(`
prefect: { apiUrl: https://prefect.internal/api, auth: none, requestTimeout: 10 }
sources:
  jobs: { type: sqs, queueArn: jobs }
  hook: { type: http, path: /a }
  more: { type: http, path: /a, verify: iam }
routes:
  work:
    from: [jobs, hook, more, none]
    when: event.tpye == "a"
    run: { deployment: work/prod, tags: [a, a], parameters: { x: evnt.data } }
`);
    expect(problems.map(({ code, position }) => [code, position?.line])).toEqual([
      ['missing-unit', 2],
      ['invalid-queue-arn', 4],
      ['verify-missing', 5],
      ['duplicate-http-path', 6],
      ['unknown-source', 9],
      ['invalid-expression', 10],
      ['invalid-tag', 11],
      ['invalid-expression', 11],
    ]);
  });

  it.each([
    ['plain', 'when: event.tpye == "a"', 6, 17],
    ['single quoted', `when: 'event.tpye == "a"'`, 6, 18],
    ['double quoted', `when: "event.tpye == 'a'"`, 6, 18],
    ['double quoted with escapes', 'when: "event.tpye == \\"a\\""', 6, 11],
    ['folded', 'when: >-\n      event.tpye\n      == "a"', 6, 11],
    ['literal', 'when: |-\n      event.id == "b" ||\n        event.tpye == "a"', 8, 15],
  ])(
    'positions a problem inside a %s expression as far as the text allows',
    (_style, field, line, column) => {
      const [problem] = problemsOf(
        `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" } }
routes:
  work:
    from: [jobs]
    ${field}
    run: { deployment: work/prod }
`,
      );
      expect(problem).toMatchObject({ code: 'invalid-expression', position: { line, column } });
    },
  );

  it('positions a problem at the text that an alias repeats', () => {
    const [problem] = problemsOf(
      VALID.replace('[jobs], run', '&all [jobs, jbos], run') +
        '  more: { from: *all, run: { deployment: work/prod } }\n',
    );
    expect(problem).toMatchObject({ code: 'unknown-source', path: 'routes.work.from[1]' });
  });

  it.each([
    ['nothing', '', 'sluice.yaml:1:1 wrong-type: found nothing — write a map'],
    ['a list', '- a', 'sluice.yaml:1:1 wrong-type: found a list — write a map'],
    ['a text', 'abc', 'sluice.yaml:1:1 wrong-type: found the text "abc" — write a map'],
  ])('refuses a file that holds %s', (_what, text, message) => {
    expect(problemsOf(text).map(reportProblem)).toEqual([message]);
  });

  it('refuses the key __proto__, which JavaScript would lose', () => {
    const problems = problemsOf(VALID.replace('sources:\n', 'sources:\n  __proto__: { type: sqs }\n'));
    expect(problems.map(({ code, path }) => [code, path])).toContainEqual([
      'unknown-field',
      'sources.__proto__',
    ]);
  });

  it('refuses a URL with credentials without repeating them', () => {
    const report = reportProblems(problemsOf(VALID.replace('https://', 'https://user:hunter2@')));
    expect(report).toContain('invalid-url');
    expect(report).not.toContain('hunter2');
  });

  it('refuses aliases that expand exponentially, without expanding them', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level++) {
      const alias = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => alias).join(', ')}]`);
    }
    expect(problemsOf(lines.join('\n')).map(({ code }) => code)).toEqual(['yaml-aliases']);
  });

  it('reports a problem, and never throws, for any text that is not a configuration', () => {
    const yaml = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `prefect: ${json}\nsources: ${json}\nroutes: ${json}`),
      fc.json().map((json) => `sources: { a: { type: http, verify: ${json}, queue: ${json} } }`),
      fc
        .json()
        .map((json) => `routes: { a: { from: ${json}, run: { parameters: ${json}, tags: ${json} } } }`),
      fc.json().map(
        (json) => `routes: { a: { from: [jobs], coalesce: { mode: window, at: ${json}, zone: ${json} },
            expect: ${json}, run: { deployment: a/b, name: ${json}, tags: [${json}, { value: ${json} }],
            workQueue: { value: ${json}, allow: ${json} }, after: ${json}, jobVariables: { a: ${json}, image: { value: ${json}, allow: [${json}] } } } } }`,
      ),
    );
    fc.assert(
      fc.property(yaml, (text) => {
        const result = loadConfigText(text, 'sluice.yaml');
        expect(result.ok).toBe(false);
        for (const problem of result.ok ? [] : allProblems(result)) {
          expect(problem.found).not.toBe('');
          expect(reportProblem(problem)).not.toContain('\n');
        }
        expect(result.ok ? [] : allProblems(result)).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('overrides', () => {
  const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:other';

  it('overrides replace values of the file, and change the hash', () => {
    const result = loadConfigText(VALID, 'sluice.yaml', {
      prefectApiUrl: 'http://127.0.0.1:4200/api',
      queueArns: { jobs: QUEUE },
    });
    if (!result.ok) throw new Error(reportProblems(allProblems(result)));
    expect(result.config.prefect.apiUrl).toBe('http://127.0.0.1:4200/api');
    expect(result.config.sources['jobs']).toMatchObject({ queueArn: QUEUE });
    expect(result.config.hash).not.toBe(compiled(VALID).hash);
  });

  it('an empty set of overrides changes nothing', () => {
    const result = loadConfigText(VALID, 'sluice.yaml', {});
    expect(result.ok && result.config).toEqual(compiled(VALID));
  });

  it('an override replaces a URL that the file leaves out', () => {
    const result = loadConfigText(
      VALID.replace('apiUrl: https://prefect.internal/api/, ', ''),
      'sluice.yaml',
      {
        prefectApiUrl: 'http://127.0.0.1:4200/api',
      },
    );
    expect(result.ok).toBe(true);
  });

  it('overrides are checked like the file, but have no position in it', () => {
    const result = loadConfigText(VALID, 'sluice.yaml', {
      prefectApiUrl: 'prefect',
      queueArns: { jobs: 'x' },
    });
    expect(result.ok ? [] : allProblems(result).map(({ code, position }) => [code, position])).toEqual([
      ['invalid-url', null],
      ['invalid-queue-arn', null],
    ]);
  });
});
