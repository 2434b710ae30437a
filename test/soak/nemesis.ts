/** Injects faults, one kind after the other in an order that the seed decides; redeploys, TTL and the sweep go on beside them. */
import { setTimeout as pause } from 'node:timers/promises';
import { readRunsOf } from '../crash/flow-runs.ts';
import type { Fixture } from '../crash/fixture.ts';
import { FunctionProcess } from '../crash/function-process.ts';
import type { Kill } from '../crash/http-tap.ts';
import { ExpiredItems } from '../support/parts/expired-items.ts';
import { SERVICE_FAULTS, type ServiceFault } from '../support/proxies/service-faults.ts';
import type { Random } from '../support/random.ts';
import { FaultCounts } from './fault-counts.ts';
import { TIMEOUT_MS } from './poller.ts';
import { isDoomed, routesOf } from './routes.ts';
import type { SoakServices } from './services.ts';
import type { SoakTopic } from './topic.ts';

export interface NemesisOptions {
  readonly random: Random;
  readonly services: SoakServices;
  readonly fixture: Fixture;
  readonly topic: SoakTopic | null;
  readonly nextKill: () => Kill | null;
}

interface Fault {
  readonly name: string;
  readonly inject: () => Promise<void>;
}

/** In addition to those of the chaos check, whose functions have less time. */
const FURTHER_FAULTS: readonly ServiceFault[] = [
  {
    name: 'DynamoDB does not respond',
    service: 'DynamoDB',
    interference: { kind: 'withhold-response' },
    share: 0.1,
  },
  { name: 'S3 requests lost', service: 'S3', interference: { kind: 'lose-request' }, share: 0.5 },
];
const ALL_SERVICE_FAULTS = [...SERVICE_FAULTS, ...FURTHER_FAULTS];

const SPELL_MS = 4_000;
const CALM_MS = 1_500;
const OUTAGE_MS = 3_000;
const ABSENCE_MS = 3_000;
const REDEPLOY_EVERY_MS = 8_000;
const RECONCILE_EVERY_MS = 10_000;
const TTL_EVERY_MS = 2_500;
/** TTL deletes an expired item some time after its expiry. */
const TTL_SHARE = 0.3;
const FUNCTION_KILLS = 3;

const PREFECT_KILLED = 'Prefect killed and restarted';
const DEPLOYMENT_DELETED = 'deployment deleted and recreated';
const POLLER_KILLED = 'Kafka poller killed';
const TOPIC_FUNCTION_KILLED = 'function of the topic killed';
const REDEPLOYED = 'redeployed with a changed route';
const EXPIRED_DELETED = 'expired items deleted by TTL';
const RECONCILED = 'reconciled, and killed meanwhile';

export class Nemesis {
  readonly counts = new FaultCounts();
  /** Ids of the events in runs that Prefect deleted with their deployment. */
  readonly deletedIds = new Set<string>();
  readonly #options: NemesisOptions;
  readonly #faults: readonly Fault[];

  constructor(options: NemesisOptions) {
    const { topic } = options;
    this.#options = options;
    this.#faults = [
      ...ALL_SERVICE_FAULTS.map((fault) => ({ name: fault.name, inject: () => this.#disturb(fault) })),
      { name: PREFECT_KILLED, inject: () => this.#killPrefect() },
      { name: DEPLOYMENT_DELETED, inject: () => this.#deleteDeployments() },
      ...(topic === null
        ? []
        : [
            { name: POLLER_KILLED, inject: () => this.#killPoller(topic) },
            { name: TOPIC_FUNCTION_KILLED, inject: () => this.#killFunctionOf(topic) },
          ]),
    ];
    for (const { name } of ALL_SERVICE_FAULTS) this.counts.register(name, 'requests');
    this.counts.register(PREFECT_KILLED);
    this.counts.register(DEPLOYMENT_DELETED, 'events in deleted runs');
    if (topic !== null) {
      this.counts.register(POLLER_KILLED);
      this.counts.register(TOPIC_FUNCTION_KILLED, 'kills');
    }
    this.counts.register(REDEPLOYED);
    this.counts.register(EXPIRED_DELETED, 'items');
    this.counts.register(RECONCILED, 'kills');
  }

  /** Go on until `isOver`. Nothing is disturbed any more when it returns. */
  async run(isOver: () => boolean): Promise<void> {
    await Promise.all([
      this.#injectFaults(isOver),
      this.#redeploy(isOver),
      this.#expire(isOver),
      this.#reconcile(isOver),
    ]);
  }

  async #injectFaults(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      for (const { name, inject } of this.#options.random.shuffled(this.#faults)) {
        if (isOver()) return;
        this.counts.of(name).times++;
        await inject();
        await pause(CALM_MS);
      }
    }
  }

  async #disturb({ name, service, interference, share }: ServiceFault): Promise<void> {
    const { random, services } = this.#options;
    const proxy = services.proxies[service];
    proxy.interfere = () => {
      if (!random.isTrue(share)) return { kind: 'none' };
      this.counts.of(name).met++;
      return interference;
    };
    await pause(SPELL_MS);
    proxy.interfere = () => ({ kind: 'none' });
  }

  async #killPrefect(): Promise<void> {
    const { services } = this.#options;
    await services.killPrefect();
    await pause(OUTAGE_MS);
    await services.restartPrefect();
  }

  /**
   * Delete the deployments of the doomed routes and recreate them. No run is created between the moment in which their
   * runs are read and the deletion: so it is known exactly which events Prefect deletes with them.
   */
  async #deleteDeployments(): Promise<void> {
    const { fixture, services } = this.#options;
    const doomed = fixture.deployments.filter(({ name }) => isDoomed(name));
    await services.proxies.Prefect.quiesce(async () => {
      for (const deployment of doomed) {
        const ids = (await readRunsOf(fixture, deployment)).flatMap((run) => run.ids);
        for (const id of ids) this.deletedIds.add(id);
        this.counts.of(DEPLOYMENT_DELETED).met += ids.length;
        await fixture.prefect.deleteDeployment(deployment.deploymentId);
      }
    });
    await pause(ABSENCE_MS);
    for (const { name, parameter } of doomed) await fixture.createDeployment({ name, parameter });
  }

  async #killPoller(topic: SoakTopic): Promise<void> {
    await topic.replacePoller(this.#options.fixture.functions['kafka-trigger']);
  }

  async #killFunctionOf(topic: SoakTopic): Promise<void> {
    const { random } = this.#options;
    for (let kill = 1; kill <= FUNCTION_KILLS; kill++) {
      await pause(random.upTo(1_000));
      topic.killFunction();
      this.counts.of(TOPIC_FUNCTION_KILLED).met++;
    }
  }

  async #redeploy(isOver: () => boolean): Promise<void> {
    const { fixture } = this.#options;
    for (let version = 1; ; version++) {
      await sleepUnless(isOver, REDEPLOY_EVERY_MS);
      if (isOver()) return;
      await fixture.deploy(routesOf(version));
      this.counts.of(REDEPLOYED).times++;
    }
  }

  async #expire(isOver: () => boolean): Promise<void> {
    const { random, fixture } = this.#options;
    const items = ExpiredItems.ofTable(fixture.dynamoDb, fixture.tableName, { key: 'pk', expiry: 'expires' });
    while (!isOver()) {
      await pause(TTL_EVERY_MS);
      const nowEpochSeconds = Math.floor(Date.now() / 1_000);
      const deleted = await items.deleteSome(nowEpochSeconds, () => random.isTrue(TTL_SHARE));
      if (deleted === 0) continue;
      this.counts.of(EXPIRED_DELETED).times++;
      this.counts.of(EXPIRED_DELETED).met += deleted;
    }
  }

  /** Compare the whole table with Prefect, as `sluice reconcile` does. */
  async #reconcile(isOver: () => boolean): Promise<void> {
    const { fixture, nextKill } = this.#options;
    while (!isOver()) {
      await sleepUnless(isOver, RECONCILE_EVERY_MS);
      const process = new FunctionProcess(fixture.functions.reconcile);
      const timeout = setTimeout(() => {
        process.kill();
      }, TIMEOUT_MS);
      const event = { sluiceReconcile: 1, scope: 'everything', dryRun: false };
      const result = await process.invoke({
        event,
        nowEpochMs: null,
        remainingMs: TIMEOUT_MS,
        kill: nextKill(),
      });
      clearTimeout(timeout);
      process.kill();
      this.counts.of(RECONCILED).times++;
      if (result.kind === 'killed') this.counts.of(RECONCILED).met++;
    }
  }
}

async function sleepUnless(isOver: () => boolean, durationMs: number): Promise<void> {
  const untilMs = Date.now() + durationMs;
  while (Date.now() < untilMs && !isOver()) await pause(200);
}
