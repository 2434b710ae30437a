import { describe, expect, it } from 'vitest';
import { loadConfigText } from '../../../lib/config/load-config.ts';

const SELF_HOSTED = 'https://prefect.internal/api';
const CLOUD = 'https://api.prefect.cloud/api/accounts/a/workspaces/b';

function load(apiUrl: string, budget?: string) {
  const field = budget === undefined ? '' : `, budget: ${budget}`;
  return loadConfigText(
    `
prefect: { apiUrl: "${apiUrl}", auth: { secret: sluice/prefect }${field} }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
}

function budgetOf(apiUrl: string, budget?: string) {
  const result = load(apiUrl, budget);
  return result.ok ? result.config.prefect.budget : result;
}

describe('prefect.budget', () => {
  it.each([
    ['a self-hosted server without a budget has no limit', SELF_HOSTED, undefined, undefined],
    [
      'Prefect Cloud without a budget gets a quarter of the smallest plan',
      CLOUD,
      undefined,
      { requestsPerMinute: 156, mode: 'enforce' },
    ],
    ['a plan means a quarter of it', CLOUD, '{ plan: team }', { requestsPerMinute: 625, mode: 'enforce' }],
    [
      'a figure is taken as it is',
      SELF_HOSTED,
      '{ requestsPerMinute: 600, mode: observe }',
      { requestsPerMinute: 600, mode: 'observe' },
    ],
  ])('%s', (_, apiUrl, budget, expected) => {
    expect(budgetOf(apiUrl, budget)).toEqual(expected);
  });

  it.each(['{}', '{ requestsPerMinute: 600, plan: pro }'])('is refused as %s', (budget) => {
    expect(JSON.stringify(load(SELF_HOSTED, budget))).toContain('budget-needs-figure');
  });

  it('says that Prefect Cloud gets the smallest plan where none is named', () => {
    expect(JSON.stringify(load(CLOUD))).toContain('budget-of-smallest-plan');
    expect(JSON.stringify(load(CLOUD, '{ plan: hobby }'))).not.toContain('budget-of-smallest-plan');
  });
});
