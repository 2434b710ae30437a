/** Composes the budget of requests to Prefect that all functions share, and the client that keeps to it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDbLimiterStore } from '../lib/adapters/dynamodb/dynamodb-limiter-store.ts';
import type { DynamoDbTable } from '../lib/adapters/dynamodb/dynamodb-table.ts';
import { PrefectHttp } from '../lib/adapters/prefect/prefect-http.ts';
import { systemClock } from '../lib/adapters/system-clock.ts';
import { RequestBudget, type BudgetSettings } from '../lib/budget/request-budget.ts';
import type { CompiledPrefect } from '../lib/compiled-config/compiled.ts';
import type { SecretSource } from '../lib/ports.ts';
import { VERSION } from '../lib/version.ts';
import { BudgetReport } from './budget-report.ts';
import type { Telemetry } from './compose-telemetry.ts';

const UNLIMITED: BudgetSettings = { requestsPerMinute: null, mode: 'enforce' };

export interface BudgetedPrefect {
  readonly http: PrefectHttp;
  readonly budget: RequestBudget;
}

export interface BudgetedPrefectOptions {
  readonly table: DynamoDbTable;
  readonly client: DynamoDBClient;
  readonly secrets: SecretSource;
  readonly telemetry: Telemetry;
  /** Set for functions whose work can wait. */
  readonly isBackground: boolean;
}

export function composeBudgetedPrefect(
  { apiUrl, authSecret, headers, budget: configured }: CompiledPrefect,
  { table, client, secrets, telemetry, isBackground }: BudgetedPrefectOptions,
): BudgetedPrefect {
  const clock = systemClock;
  const report = new BudgetReport(telemetry);
  const budget = new RequestBudget({
    store: new DynamoDbLimiterStore({ table, client, apiUrl }),
    settings: configured ?? UNLIMITED,
    clock,
    pause: (ms) => pause(ms),
    check: (timeoutMs) => http.check(timeoutMs),
    onChange: (change) => {
      report.report(change);
    },
    isBackground,
  });
  const http: PrefectHttp = new PrefectHttp({
    apiUrl,
    authSecret,
    headers,
    version: VERSION,
    secrets,
    clock,
    gate: budget,
    onResponse: (status) => {
      report.countResponse(status);
    },
  });
  return { http, budget };
}
