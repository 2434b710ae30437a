/**
 * Runs schedules, all of them in step: the first deliveries, whose victims are killed; redeliveries; the timers of
 * windows, until none is left; and what is still not acknowledged, until it is. As in SQS, only what was not
 * acknowledged is redelivered.
 */
import { randomUUID } from 'node:crypto';
import { mapWithConcurrency } from '../../lib/map-with-concurrency.ts';
import { parseTimerMessage } from '../../lib/windows/timer-message.ts';
import { inFreshProcess } from './function-process.ts';
import { deleteMessage, receiveAll, releaseMessage, type HeldMessage } from './held-messages.ts';
import { namesToRedeliver, Scenario } from './scenario.ts';
import { ProcessPool } from './process-pool.ts';
import {
  FIRST_IDS,
  LATE_ID,
  REGROUPINGS,
  type Delivery,
  type Redelivery,
  type Schedule,
} from './schedule.ts';
import type { Fixture } from './fixture.ts';
import { runReconciled } from './reconcile-runner.ts';

/** Two minutes: every lease is over after one. */
const STEP_MS = 120_000;
const LATE_EVENT_AFTER_MS = 500;
/** In mode `debounce`, after the late event: the full window is closed by then, the other one is still open. */
const EARLY_FLUSH_AFTER_MS = 700;
/** What is not at rest after this many rounds is stuck, and the checker reports it. */
const MAX_ROUNDS = 6;
const AT_THE_SAME_TIME = 3;

export async function runSchedules(
  fixture: Fixture,
  schedules: readonly Schedule[],
): Promise<readonly Scenario[]> {
  const runner = new ScenarioRunner(
    fixture,
    schedules.filter(({ at }) => at !== 'reconcile'),
  );
  const reconciled = schedules.filter(({ at }) => at === 'reconcile');
  try {
    return [...(await runner.run()), ...(await runReconciled(fixture, reconciled))];
  } finally {
    runner.end();
  }
}

class ScenarioRunner {
  readonly #fixture: Fixture;
  readonly #scenarios: readonly Scenario[];
  readonly #byKeyHash: ReadonlyMap<string | null, Scenario>;
  readonly #triggers: Readonly<Record<Schedule['from'], ProcessPool>>;
  readonly #flushes: ProcessPool;

  constructor(fixture: Fixture, schedules: readonly Schedule[]) {
    const startEpochMs = Date.now();
    // The same fixture may be used several times.
    const name = randomUUID().slice(0, 8);
    this.#fixture = fixture;
    this.#scenarios = schedules.map(
      (schedule, index) => new Scenario(schedule, `${name}-${index}`, startEpochMs),
    );
    this.#byKeyHash = new Map(this.#scenarios.map((scenario) => [scenario.keyHash, scenario]));
    this.#triggers = {
      queue: new ProcessPool(fixture.functions['sqs-trigger']),
      topic: new ProcessPool(fixture.functions['kafka-trigger']),
    };
    this.#flushes = new ProcessPool(fixture.functions['window-flush']);
  }

  async run(): Promise<readonly Scenario[]> {
    await this.#forAll((scenario) => this.#deliverFirst(scenario));
    await this.#redeliver('before-flush');
    await this.#flushOnce();
    await this.#redeliver('amid-flush');
    await this.#flushUntilNothingWaits();
    await this.#redeliver('after-flush');
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      await this.#flushUntilNothingWaits();
      if (this.#scenarios.every(({ unacknowledged }) => unacknowledged.length === 0)) break;
      await this.#forAll((scenario) => this.#deliverAgain(scenario));
    }
    return this.#scenarios;
  }

  end(): void {
    for (const pool of Object.values(this.#triggers)) pool.end();
    this.#flushes.end();
  }

  async #deliverFirst(scenario: Scenario): Promise<void> {
    const { at, mode, from, kill } = scenario.schedule;
    const first: Delivery = { ids: FIRST_IDS, receiveCount: 1 };
    if (at === 'delivery') {
      const result = await inFreshProcess(
        this.#fixture.functions[from === 'topic' ? 'kafka-trigger' : 'sqs-trigger'],
        scenario.invocationFor(first, kill),
      );
      scenario.recordVictim(result);
      scenario.recordDelivery(first, result);
    } else {
      await this.#deliver(scenario, first);
    }
    if (mode !== 'debounce') return;
    scenario.nowEpochMs += LATE_EVENT_AFTER_MS;
    await this.#deliver(scenario, { ids: [LATE_ID], receiveCount: 1 });
  }

  async #redeliver(redelivery: Redelivery): Promise<void> {
    await this.#forAll(async (scenario) => {
      if (scenario.schedule.redelivery !== redelivery) return;
      const { afterMs, deliveries } = REGROUPINGS[scenario.schedule.regrouping];
      scenario.nowEpochMs += afterMs;
      for (const delivery of deliveries) await this.#deliver(scenario, delivery);
    });
  }

  async #deliverAgain(scenario: Scenario): Promise<void> {
    const { unacknowledged: ids } = scenario;
    if (ids.length === 0) return;
    scenario.nowEpochMs += STEP_MS;
    await this.#deliver(scenario, { ids, receiveCount: 3 });
  }

  async #deliver(scenario: Scenario, delivery: Delivery): Promise<void> {
    scenario.recordDelivery(
      delivery,
      await this.#triggers[scenario.schedule.from].invoke(scenario.invocationFor(delivery)),
    );
  }

  async #flushUntilNothingWaits(): Promise<void> {
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      if (!(await this.#flushOnce())) return;
    }
  }

  /** Deliver all timers that are on the queue. @returns whether there were any */
  async #flushOnce(): Promise<boolean> {
    const timers = await receiveAll(this.#fixture.timers);
    const byScenario = Map.groupBy(timers, ({ body }) => this.#scenarioOf(body));
    await mapWithConcurrency([...byScenario], AT_THE_SAME_TIME, ([scenario, ownTimers]) =>
      this.#flush(scenario, ownTimers),
    );
    return timers.length > 0;
  }

  async #flush(scenario: Scenario, timers: readonly HeldMessage[]): Promise<void> {
    const isFirst = scenario.flushes++ === 0;
    const { at, mode, kill } = scenario.schedule;
    const isVictim = isFirst && at === 'flush';
    scenario.nowEpochMs += isVictim && mode === 'debounce' ? EARLY_FLUSH_AFTER_MS : STEP_MS;
    const invocation = scenario.invocationWith(timers, isVictim ? kill : null);
    const result = isVictim
      ? await inFreshProcess(this.#fixture.functions['window-flush'], invocation)
      : await this.#flushes.invoke(invocation);
    if (isVictim) scenario.recordVictim(result);
    const messageIds = timers.map(({ messageId }) => messageId);
    const again = namesToRedeliver(messageIds, result);
    for (const timer of timers) {
      if (again.has(timer.messageId)) await releaseMessage(this.#fixture.timers, timer);
      else await deleteMessage(this.#fixture.timers, timer);
    }
  }

  #scenarioOf(body: string): Scenario {
    const reading = parseTimerMessage(body);
    const keyHash = reading.kind === 'timer' ? reading.timer.ref.series.keyHash : null;
    const scenario = this.#byKeyHash.get(keyHash);
    if (scenario === undefined) throw new Error(`this timer belongs to no window of the schedules: ${body}`);
    return scenario;
  }

  async #forAll(act: (scenario: Scenario) => Promise<void>): Promise<void> {
    await mapWithConcurrency(this.#scenarios, AT_THE_SAME_TIME, act);
  }
}
