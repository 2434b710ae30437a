/** The loads of docs/cost.md: a webhook, busy webhooks, a large topic. */
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import type { CostInput } from '../../lib/cost/estimate.ts';

export interface ExampleLoad {
  readonly name: string;
  readonly eventsPerDay: number;
  readonly configText: string;
}

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: { secret: sluice/prefect } }\n';
const HOOK =
  'sources: { orders: { type: http, path: /orders, verify: { scheme: bearer, secret: sluice/orders } } }\n';
const TOPIC =
  'sources: { orders: { type: kafka, cluster: "arn:aws:kafka:us-east-1:123456789012:cluster/orders/0b6b5e1c-6f0b-4c5c-9c63-1d1f4b9f7a10-2", auth: iam, topics: [orders] } }\n';
const ROUTE =
  'routes: { process: { from: [orders], coalesce: { mode: invocation }, run: { deployment: process/prod } } }\n';

export const EXAMPLE_LOADS: readonly ExampleLoad[] = [
  { name: '1,000 a day, HTTP', eventsPerDay: 1000, configText: PREFECT + HOOK + ROUTE },
  { name: '1 million a day, HTTP', eventsPerDay: 1_000_000, configText: PREFECT + HOOK + ROUTE },
  { name: '50 million a day, Kafka', eventsPerDay: 50_000_000, configText: PREFECT + TOPIC + ROUTE },
];

export function toCostInput({ eventsPerDay, configText }: ExampleLoad): CostInput {
  const loaded = loadConfigText(configText, 'sluice.yaml');
  if (!loaded.ok) throw new Error(reportProblems(loaded.errors));
  return {
    config: loaded.config,
    traffic: {
      sources: { orders: { eventsPerDay, eventBytes: 1024 } },
      matchingShares: {},
      eventsPerRun: null,
    },
    monitoring: { alarms: true, dashboard: true },
  };
}
