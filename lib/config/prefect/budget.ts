/** `prefect.budget`: how many requests all functions together send to Prefect. */
import { z } from 'zod';
import type { CompiledBudget } from '../../compiled-config/compiled.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import type { Valid } from '../valid-parts.ts';

/** Requests a minute that Prefect Cloud allows an account, its workers and flow runs included. */
const PLAN_LIMITS = { hobby: 625, starter: 1_250, team: 2_500, pro: 5_000 } as const;

/** A flow run costs its worker several requests of its own, from the same limit. */
const SHARE_OF_PLAN = 0.25;

export const budgetModel = strictMap(
  {
    requestsPerMinute: wholeNumber({ minimum: 10, maximum: 60_000 })
      .optional()
      .describe(
        'So many requests are sent to Prefect in any 60 seconds, at most, by all functions together. Either this or `plan`.',
      ),
    plan: z
      .enum(['hobby', 'starter', 'team', 'pro'])
      .optional()
      .describe(
        'The plan of your account in Prefect Cloud. A quarter of its limit is used, since workers and flow runs need the rest: 156, 312, 625 or 1250 requests a minute.',
      ),
    mode: z
      .enum(['enforce', 'observe'])
      .prefault('enforce')
      .describe(
        '`observe` counts what would have been held back as metrics, and holds nothing: to try out a figure.',
      ),
  },
  'How many requests all functions together send to Prefect. Default: a quarter of the smallest plan for Prefect Cloud, no limit for other servers. While Prefect is down it is protected in any case.',
);

export type BudgetConfiguration = z.output<typeof budgetModel>;

export function isPrefectCloud(apiUrl: string): boolean {
  return new URL(apiUrl).hostname === 'api.prefect.cloud';
}

export function compileBudget(
  apiUrl: string,
  budget: BudgetConfiguration | undefined,
): { readonly budget?: CompiledBudget } {
  const mode = budget?.mode ?? 'enforce';
  if (budget?.requestsPerMinute !== undefined) {
    return { budget: { requestsPerMinute: budget.requestsPerMinute, mode } };
  }
  const plan = budget?.plan ?? (isPrefectCloud(apiUrl) ? 'hobby' : null);
  if (plan === null) return {};
  return { budget: { requestsPerMinute: Math.floor(PLAN_LIMITS[plan] * SHARE_OF_PLAN), mode } };
}

export function budgetRules(
  apiUrl: string,
  budget: Valid<BudgetConfiguration> | undefined,
): readonly ConfigIssue[] {
  if (budget === undefined) {
    if (!isPrefectCloud(apiUrl)) return [];
    return [
      {
        code: 'budget-of-smallest-plan',
        at: ['prefect', 'apiUrl'],
        anchor: 'value',
        found: 'Prefect Cloud without prefect.budget: 156 requests a minute, a quarter of the smallest plan',
        fix: 'write budget: { plan: hobby }, or starter, team or pro, whichever your account has',
      },
    ];
  }
  const { requestsPerMinute, plan } = budget;
  const isEither = (requestsPerMinute === undefined) !== (plan === undefined);
  if (isEither || requestsPerMinute === null || plan === null) return [];
  return [
    {
      code: 'budget-needs-figure',
      at: ['prefect', 'budget'],
      anchor: 'value',
      found: plan === undefined ? 'a budget without a figure' : 'both requestsPerMinute and plan',
      fix: 'write either requestsPerMinute or plan',
    },
  ];
}
