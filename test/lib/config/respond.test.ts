import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';

interface Fields {
  readonly source: string;
  readonly coalesce?: string;
}

function load({ source, coalesce = '{ mode: none }' }: Fields) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none, requestTimeout: 2s }
sources:
  hook: { type: http, path: /hook, verify: iam, ${source} }
  other: { type: http, path: /other, verify: iam }
routes:
  work: { from: [hook], coalesce: ${coalesce}, run: { deployment: work/prod } }
  rest: { from: [other], coalesce: { mode: window, maxWait: 1h }, run: { deployment: work/prod } }
`,
    'sluice.yaml',
  );
}

function codesOf(fields: Fields): readonly string[] {
  const result = load(fields);
  return result.ok ? [] : allProblems(result).map(({ code, path }) => `${code} ${path}`);
}

describe('respond', () => {
  it.each([
    ['respond: accepted', { mode: 'accepted' }],
    ['eventType: order.paid', { mode: 'accepted' }],
    ['respond: run', { mode: 'run', maxWaitSeconds: 10 }],
    ['respond: { mode: run }', { mode: 'run', maxWaitSeconds: 10 }],
    ['respond: { mode: run, maxWait: 25s }', { mode: 'run', maxWaitSeconds: 25 }],
  ])('respond: %s is compiled to %j', (source, respond) => {
    expect(load({ source })).toMatchObject({ ok: true, config: { sources: { hook: { respond } } } });
  });

  it('the wait for flow runs ends before API Gateway and the function do', () => {
    expect(codesOf({ source: 'respond: { mode: run, maxWait: 26s }' })).toEqual([
      'out-of-range sources.hook.respond.maxWait',
    ]);
    const within = (timeout: string) =>
      codesOf({ source: `respond: { mode: run, maxWait: 6s }, function: { timeout: ${timeout} }` });
    expect(within('9s')).toEqual(['respond-wait-too-long sources.hook.respond']);
    expect(within('10s')).toEqual([]);
  });

  it('the wait for flow runs outlasts the batch window of the queue', () => {
    const beside = (batchWindow: string) =>
      codesOf({ source: `respond: { mode: run, maxWait: 5s }, queue: { batchWindow: ${batchWindow} }` });
    expect(beside('5s')).toEqual(['respond-before-run sources.hook.queue.batchWindow']);
    expect(beside('4s')).toEqual([]);
  });

  it('respond: run is refused when a route of the source has windows', () => {
    const source = 'respond: run';
    const windows = ['mode: window, maxWait: 1s', 'mode: debounce, quiet: 1s, maxWait: 2s'];
    for (const coalesce of [...windows, 'mode: sliding, size: 2s, every: 1s']) {
      expect(codesOf({ source, coalesce: `{ ${coalesce} }` })).toEqual([
        'respond-before-run sources.hook.respond',
      ]);
    }
    for (const coalesce of ['mode: none', 'mode: invocation', 'mode: window, maxWait: 0']) {
      expect(codesOf({ source, coalesce: `{ ${coalesce} }` })).toEqual([]);
    }
  });
});
