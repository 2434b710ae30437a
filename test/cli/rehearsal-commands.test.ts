import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain, type ExplainOptions } from '../../cli/explain.ts';
import { testRoutes } from '../../cli/test-routes.ts';

const SAMPLE = fileURLToPath(new URL('../../sluice.yaml', import.meta.url));
const TESTS_OF_SAMPLE = fileURLToPath(new URL('../../sluice.test.yaml', import.meta.url));

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-rehearsal-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const ORDER = '{"orderId":"A-1","total":5,"region":"eu"}';

describe('sluice test', () => {
  it('passes the tests of the sample configuration, which it finds beside it', async () => {
    const result = await testRoutes([], { config: SAMPLE, json: false });
    expect(result).toMatchObject({ exitCode: 0, errorOutput: '' });
    expect(result.output).toContain('passed  orders of one region share a flow run');
    expect(result.output).toMatch(/\d+ tests, 0 failed$/);
  });

  it('ends with 1 and says what differs, for a test that fails', async () => {
    const file = write(
      'failing.yaml',
      `tests:\n  - name: one order\n    source: jobs\n    events: [{ body: ${ORDER} }]\n    expect: { runs: [], filtered: [0] }\n`,
    );
    const result = await testRoutes([file], { config: SAMPLE, json: true });
    expect(result.exitCode).toBe(1);
    expect(JSON.parse(result.output)).toEqual({
      ok: false,
      tests: [
        {
          name: 'one order',
          file,
          passed: false,
          problems: [
            'filtered: expected [0], found []',
            'one run more than expected: process-orders → process-orders/prod with events[0]',
          ],
        },
      ],
    });
  });

  it('runs the tests in the configuration itself', async () => {
    const config = write(
      'inline.yaml',
      'prefect: { apiUrl: https://prefect.example/api, auth: none }\n' +
        'sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:123456789012:jobs" } }\n' +
        'routes: { all: { from: [jobs], run: { deployment: a/b } } }\n' +
        'tests:\n  - { name: any, source: jobs, events: [{ body: {}, repeat: 3 }], expect: { runs: [{}, {}, {}] } }\n',
    );
    const result = await testRoutes([], { config, json: false });
    expect(result).toMatchObject({ exitCode: 0, output: 'passed  any\n1 test, 0 failed' });
  });

  it.each([
    ['an unknown field', 'tests: [{ name: a, evnts: [], expect: {} }]', 'did you mean events?'],
    ['a negative place', 'tests: [{ name: a, events: [], expect: { filtered: [-1] } }]', 'filtered[0]'],
    ['no list', 'tests: 5', 'tests'],
  ])('refuses %s with its position', async (_, text, words) => {
    const file = write('broken.yaml', `${text}\n`);
    const result = await testRoutes([file], { config: SAMPLE, json: false });
    expect(result.exitCode).toBe(1);
    expect(result.output).toContain(`${file}:1:`);
    expect(result.output).toContain(words);
  });

  it.each([
    ['without a body', '{}', 'it has neither a body nor a file; write one'],
    ['with a body and a file', '{ body: 1, file: x }', 'it has a body and a file; remove one of them'],
    ['with a file that does not exist', '{ file: none.json }', 'its file cannot be read'],
  ])('fails a test with an event %s', async (_, event, words) => {
    const file = write('events.yaml', `tests: [{ name: a, source: jobs, events: [${event}], expect: {} }]\n`);
    const { exitCode, output } = await testRoutes([file], { config: SAMPLE, json: false });
    expect(exitCode).toBe(1);
    expect(output).toContain(`events[0]: ${words}`);
  });

  it('ends with 2 when there are no tests', async () => {
    const config = write(
      'none.yaml',
      'prefect: { apiUrl: https://prefect.example/api, auth: none }\n' +
        'sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:123456789012:jobs" } }\n' +
        'routes: { all: { from: [jobs], run: { deployment: a/b } } }\n',
    );
    expect(await testRoutes([], { config, json: false })).toMatchObject({ exitCode: 2, output: '' });
  });
});

describe('sluice explain', () => {
  const asked: ExplainOptions = { config: SAMPLE, header: [], json: false };

  it('says of each route what it takes, what is a duplicate, what shares a run, and what it costs', async () => {
    const { exitCode, output } = await explain(null, asked);
    expect(exitCode).toBe(0);
    expect(output).toContain(
      'process-orders\n  It takes the events of orders-hook, jobs and orders-topic for which',
    );
    expect(output).toContain('Events with the same value of event.data.orderId are one event: within 15d');
    expect(output).toContain('Each event becomes a flow run of its own, at once.');
    expect(output).toContain('A flow run costs one request to Prefect');
  });

  it.each(['window, maxWait: 1m', 'debounce, quiet: 30s, maxWait: 5m', 'sliding, size: 10m, every: 5m'])(
    'explains coalesce: { mode: %s }',
    async (mode) => {
      const config = write(
        'modes.yaml',
        'prefect: { apiUrl: https://prefect.example/api, auth: none }\n' +
          'sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:123456789012:jobs" } }\n' +
          `routes: { all: { from: [jobs], coalesce: { mode: ${mode} }, run: { deployment: a/b } } }\n`,
      );
      const { output } = await explain('all', { ...asked, config });
      expect(output).toMatch(/share a flow run[.,]/);
      expect(output).not.toMatch(/undefined|NaN/);
    },
  );

  it('says what each route would make of an event, and with which parameters', async () => {
    const event = write('order.json', ORDER);
    const { exitCode, output } = await explain(null, { ...asked, event, source: 'orders-hook' });
    expect(exitCode).toBe(0);
    expect(output).toContain('process-orders: matches, known by the key "A-1" (claim C#process-orders#');
    expect(output).toContain('audit: filtered, since event.type.startsWith("order.refund") is not true');
    expect(output).toContain('"orderId": "A-1"');
  });

  it('says why an event would be dead-lettered or refused', async () => {
    const noRegion = write('no-region.json', '{"orderId":"A-1","total":5}');
    const dead = await explain(null, { ...asked, event: noRegion, source: 'jobs' });
    expect(dead.output).toContain(
      "process-orders: dead-lettered: expression-failed: coalesce.key: the event has no such field 'region'",
    );
    const broken = write('broken.json', '{"orderId":');
    const refused = await explain(null, { ...asked, event: broken, source: 'orders-hook' });
    expect(refused.output).toContain('The endpoint would refuse it: invalid-json');
    const undecodable = await explain(null, { ...asked, event: broken, source: 'jobs' });
    expect(undecodable.output).toContain('It would be dead-lettered before any route sees it: invalid-json');
  });

  it('reads headers', async () => {
    const event = write('refund.json', '{"orderId":"A-1"}');
    const header = ['ce-specversion: 1.0', 'ce-id: 7', 'ce-source: shop', 'ce-type: order.refund'];
    const { output } = await explain('audit', { ...asked, event, source: 'orders-hook', header });
    expect(output).toContain('Event 7 of type order.refund, from shop\n  audit: matches');
  });

  it.each<[string, string | null, Partial<ExplainOptions>, string]>([
    ['a route that does not exist', 'proces-orders', {}, 'it has process-orders, audit'],
    [
      'an event without a source',
      null,
      { event: 'x' },
      'name the source that receives the event with --source',
    ],
    ['a source that does not exist', null, { event: 'x', source: 'y' }, 'the configuration has no source y'],
    ['a header without a colon', null, { event: 'x', source: 'jobs', header: ['a'] }, '"name: value"'],
    ['a file that does not exist', null, { event: '/none.json', source: 'jobs' }, 'Cannot read /none.json'],
  ])('ends with 2 for %s', async (_, route, options, words) => {
    const result = await explain(route, { ...asked, ...options });
    expect(result).toMatchObject({ exitCode: 2, output: '' });
    expect(result.errorOutput).toContain(words);
  });
});

it('the tests of the sample configuration are named in a file beside it', async () => {
  const result = await testRoutes([TESTS_OF_SAMPLE], { config: SAMPLE, json: true });
  expect(result.exitCode).toBe(0);
});
