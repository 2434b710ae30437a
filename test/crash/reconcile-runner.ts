/**
 * Runs schedules whose victim is the reconciliation: all timers of windows are lost, and the function that finds such
 * windows is killed. It works on a whole table, so each of these schedules has a table of its own.
 */
import { randomUUID } from 'node:crypto';
import { mapWithConcurrency } from '../../lib/map-with-concurrency.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { TemporaryTables } from '../support/parts/temporary-table.ts';
import type { Fixture } from './fixture.ts';
import { inFreshProcess, type DeployedFunction } from './function-process.ts';
import { ProcessPool } from './process-pool.ts';
import { FIRST_IDS, REGROUPINGS, type Delivery, type Redelivery, type Schedule } from './schedule.ts';
import { Scenario } from './scenario.ts';

/** Leases and graces are over. */
const STEP_MS = 300_000;
const MAX_ROUNDS = 4;
const AT_THE_SAME_TIME = 3;

export async function runReconciled(
  fixture: Fixture,
  schedules: readonly Schedule[],
): Promise<readonly Scenario[]> {
  if (schedules.length === 0) return [];
  const lostTimers = await SqsTestQueue.create(fixture.awsUrl);
  const tables = new TemporaryTables(fixture.dynamoDb);
  const name = randomUUID().slice(0, 8);
  const scenarios = schedules.map(
    (schedule, index) => new Scenario(schedule, `${name}-${index}`, Date.now()),
  );
  try {
    await mapWithConcurrency(scenarios, AT_THE_SAME_TIME, async (scenario) => {
      const tableName = await tables.create();
      const run = new ReconciledRun(fixture, scenario, { tableName, timerQueueUrl: lostTimers.queueUrl });
      await run.play();
    });
    return scenarios;
  } finally {
    await Promise.all([tables.deleteAll(), lostTimers.delete()]);
  }
}

interface OwnResources {
  readonly tableName: string;
  readonly timerQueueUrl: string;
}

class ReconciledRun {
  readonly #fixture: Fixture;
  readonly #scenario: Scenario;
  readonly #tableName: string;
  readonly #reconcile: DeployedFunction;
  readonly #triggers: ProcessPool;

  constructor(fixture: Fixture, scenario: Scenario, own: OwnResources) {
    this.#fixture = fixture;
    this.#scenario = scenario;
    this.#tableName = own.tableName;
    this.#reconcile = withResources(fixture.functions.reconcile, own);
    this.#triggers = new ProcessPool(withResources(fixture.functions['sqs-trigger'], own));
  }

  async play(): Promise<void> {
    const scenario = this.#scenario;
    try {
      await this.#deliver({ ids: FIRST_IDS, receiveCount: 1 });
      scenario.nowEpochMs += STEP_MS;
      const { kill } = scenario.schedule;
      scenario.recordVictim(await inFreshProcess(this.#reconcile, scenario.reconciliation(kill)));
      await this.#redeliver('amid-flush');
      await this.#reconcileLater();
      await this.#redeliver('after-flush');
      for (let round = 1; round <= MAX_ROUNDS; round++) {
        await this.#reconcileLater();
        const { unacknowledged: ids } = scenario;
        scenario.unclosedWindows = await this.#fixture.unclosedWindows(this.#tableName);
        if (ids.length + scenario.unclosedWindows.length === 0) return;
        if (ids.length > 0) await this.#deliver({ ids, receiveCount: 3 });
      }
    } finally {
      this.#triggers.end();
    }
  }

  async #redeliver(redelivery: Redelivery): Promise<void> {
    const { schedule } = this.#scenario;
    if (schedule.redelivery !== redelivery) return;
    const { afterMs, deliveries } = REGROUPINGS[schedule.regrouping];
    this.#scenario.nowEpochMs += afterMs;
    for (const delivery of deliveries) await this.#deliver(delivery);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const invocation = this.#scenario.invocationFor(delivery);
    this.#scenario.recordDelivery(delivery, await this.#triggers.invoke(invocation));
  }

  async #reconcileLater(): Promise<void> {
    this.#scenario.nowEpochMs += STEP_MS;
    const result = await inFreshProcess(this.#reconcile, this.#scenario.reconciliation(null));
    if (result.kind === 'failed') throw new Error(`The reconciliation failed: ${result.message}`);
  }
}

/** Ids of runs name the installation, so that runs of two tables are never the same. */
function withResources(
  deployed: DeployedFunction,
  { tableName, timerQueueUrl }: OwnResources,
): DeployedFunction {
  const environment = {
    ...deployed.environment,
    SLUICE_TABLE_NAME: tableName,
    SLUICE_INSTALLATION: tableName,
    SLUICE_TIMER_QUEUE_URL: timerQueueUrl,
  };
  return { ...deployed, environment };
}
