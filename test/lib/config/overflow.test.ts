import { describe, expect, it } from 'vitest';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import { reportProblem } from '../../../lib/config/issues/problem-report.ts';
import { compiledRoute, problemsOfRoute } from '../../support/builders/route-configuration.ts';

const INVOCATION = (maxBytes: string): string => `{ mode: invocation, maxBytes: ${maxBytes} }`;

describe('a route with overflow: s3', () => {
  it('overflow: s3 allows batches of up to 5MiB in every mode', () => {
    const run = ', overflow: s3';
    for (const mode of [
      'mode: invocation',
      'mode: window, maxWait: 10s',
      'mode: sliding, size: 1h, every: 30m',
    ]) {
      const route = compiledRoute({ coalesce: `{ ${mode}, maxBytes: 5MiB }`, run });
      expect(route.coalesce).toMatchObject({ maxBytes: 5 * 1024 * 1024 });
      expect(route.run.overflow).toBe('s3');
    }
    expect(problemsOfRoute({ coalesce: INVOCATION('6MiB'), run })).toMatchObject([
      { code: 'out-of-range', fix: 'write 1KiB to 5MiB' },
    ]);
  });
});

describe('a route without', () => {
  it('without overflow: s3 batches are limited to what Prefect takes', () => {
    expect(compiledRoute({ coalesce: INVOCATION('500KiB') }).run.overflow).toBe('refuse');
    const reports = problemsOfRoute({ coalesce: INVOCATION('1MiB'), run: ', overflow: refuse' }).map(
      reportProblem,
    );
    expect(reports).toEqual([
      expect.stringContaining(
        'batch-too-large routes.work.coalesce.maxBytes: found 1024KiB, more than Prefect takes — write 500KiB or less, or run.overflow: s3',
      ),
    ]);
  });
});

describe('how long objects are kept', () => {
  const loaded = (overflow: string) =>
    loadConfigText(
      `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
${overflow}`,
      'sluice.yaml',
    );

  it.each([
    ['', 30],
    ['overflow: { retention: 90d }', 90],
    ['overflow: { retention: 48h }', 2],
  ])('the configuration %j keeps objects for %i days', (overflow, retentionDays) => {
    expect(loaded(overflow)).toMatchObject({ ok: true, config: { overflow: { retentionDays } } });
  });

  it.each([
    ['36h', 'invalid-duration', 'write whole days, 1d to 3650d'],
    ['0d', 'out-of-range', 'write 1d to 3650d'],
  ])('the retention of objects cannot be %s', (retention, code, fix) => {
    expect(loaded(`overflow: { retention: ${retention} }`)).toMatchObject({ errors: [{ code, fix }] });
  });
});
