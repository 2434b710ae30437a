import { describe, expect, it } from 'vitest';
import { defineConfig } from '../../../lib/config/define-config.ts';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import { reportProblem } from '../../../lib/config/issues/problem-report.ts';

const queueArn = 'arn:aws:sqs:eu-central-1:123456789012:jobs';

describe('defineConfig', () => {
  it('compiles to the same as a file with the same content', () => {
    const defined = defineConfig({
      prefect: { apiUrl: 'https://prefect.internal/api', auth: { secret: 'sluice/prefect' } },
      sources: { jobs: { type: 'sqs', queueArn, function: { timeout: '90s', memory: '1GiB' } } },
      routes: {
        work: {
          from: ['jobs'],
          coalesce: { mode: 'invocation', maxEvents: 5 },
          run: { deployment: 'work/prod', parameters: { all: { value: 'events', as: 'string' } } },
        },
      },
    });
    const loaded = loadConfigText(
      `
prefect: { apiUrl: https://prefect.internal/api, auth: { secret: sluice/prefect } }
sources: { jobs: { type: sqs, queueArn: "${queueArn}", function: { timeout: 90s, memory: 1GiB } } }
routes:
  work:
    from: [jobs]
    coalesce: { mode: invocation, maxEvents: 5 }
    run: { deployment: work/prod, parameters: { all: { value: events, as: string } } }
`,
      'sluice.yaml',
    );
    expect(defined.ok).toBe(true);
    expect(defined).toEqual(loaded);
  });

  it('reports problems without a position in a file', () => {
    const result = defineConfig({
      prefect: { apiUrl: 'https://prefect.internal/api', auth: 'none' },
      sources: { jobs: { type: 'sqs', queueArn } },
      routes: { work: { from: ['job'], run: { deployment: 'work/prod' } } },
    });
    expect(result.ok ? [] : allProblems(result).map(reportProblem)).toEqual([
      'unknown-source routes.work.from[0]: found the unknown source job — did you mean jobs?',
      'warning source-without-route sources.jobs: found the source jobs, which no route reads — name it under from in a route, or remove it',
    ]);
  });

  it('has types that refuse what the model refuses', () => {
    const result = defineConfig({
      // @ts-expect-error auth is mandatory
      prefect: { apiUrl: 'https://prefect.internal/api' },
      sources: {
        jobs: {
          type: 'sqs',
          queueArn,
          // @ts-expect-error a duration has a unit
          function: { timeout: 90 },
          // @ts-expect-error the field is called batchSize
          queue: { batchsize: 10 },
        },
        // @ts-expect-error topics and authentication are mandatory
        topic: { type: 'kafka' },
      },
      routes: { work: { from: ['jobs', 'topic'], run: { deployment: 'work/prod' } } },
    });
    expect(result.ok ? [] : allProblems(result).map(({ code }) => code)).toEqual([
      'missing-field',
      'missing-unit',
      'unknown-field',
      'missing-field',
      'missing-field',
      'kafka-cluster-choice',
    ]);
  });
});
