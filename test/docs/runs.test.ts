/** docs/runs.md, from an event to the flow run that Prefect is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { PipelineParts, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { problemsOfRoute } from '../support/builders/route-configuration.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/runs.md'), 'utf8');
const [recipe = '', jobVariables = ''] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, yaml = '']) => yaml,
);
const order = /^A posted order `(.+?)`/m.exec(page)?.[1] ?? '';

function recipeConfig(): CompiledConfig {
  const text = `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-west-1:123456789012:jobs" } }
${recipe.replace('orders-hook', 'jobs')}`;
  const result = loadConfigText(text, 'runs.md');
  if (!result.ok) throw new Error(reportProblems(allProblems(result)));
  return result.config;
}

/** A few days before the order is to be shipped. */
const NOW = Date.parse('2026-12-20T12:00:00Z');

async function runOf(data: string) {
  const parts = new PipelineParts(recipeConfig());
  parts.nowEpochMs = NOW;
  parts.prefect.workQueues.add('high');
  const outcomes = await parts.run([sqsRecord('m1', data)]);
  return { outcomes: outcomes.map(({ outcome }) => outcome), runs: parts.prefect.flowRuns };
}

describe('docs/runs.md', () => {
  it('has a recipe that makes of the order what the page says', async () => {
    const { runs } = await runOf(order);
    expect(runs).toMatchObject([
      {
        name: 'order A-1',
        tags: ['sluice', 'route:process-order', 'team-orders', 'eu'],
        workQueue: 'high',
        startAtEpochMs: Date.parse('2026-12-24T07:00:00Z'),
      },
    ]);
  });

  it.each([
    ['"priority": "high"', '"priority": "urgent"', 'dead-lettered', 'unknown-work-queue'],
    ['"priority": "high"', '"priority": "low"', 'retry', 'work-queue-not-found'],
    ['2026-12-24', '2027-12-24', 'dead-lettered', 'invalid-run-option'],
    ['"cpu": 2', '"cpu": "{{ prefect.blocks.secret.production }}"', 'dead-lettered', 'template-marker'],
    ['"eu"', '"route:other"', 'dead-lettered', 'invalid-run-option'],
  ])('says what becomes of an order with %s replaced by %s', async (before, after, kind, code) => {
    expect(order).toContain(before);
    const { outcomes } = await runOf(order.replace(before, after));
    expect(outcomes).toMatchObject([{ kind, code }]);
    expect(page).toContain(kind === 'retry' || code !== 'template-marker' ? `\`${code}\`` : '`{{`');
  });

  it('has an example of a list of values that is valid', () => {
    const flow = jobVariables.replace(/^jobVariables:\s+/, 'jobVariables: { ').trimEnd();
    expect(problemsOfRoute({ run: `, ${flow} }` })).toEqual([]);
  });
});
