/** Injects faults, one kind after the other in an order that the seed decides; redeploys and TTL go on beside them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import type { ExpiredItems } from '../support/parts/expired-items.ts';
import type { FaultProxy, Interference } from '../support/proxies/fault-proxy.ts';
import { killFunctions } from './function-killer.ts';
import type { History } from './history.ts';
import { SERVICE_FAULTS, type ServiceFault } from '../support/proxies/service-faults.ts';
import type { ObservedRun } from './observation.ts';
import type { PrefectClient } from './prefect-client.ts';
import { FLOWS, ROUTE_VERSIONS, type FlowDefinition, type RouteVersion } from './routes.ts';
import type { Services } from './services.ts';
import type { Stacks } from './stacks.ts';
import type { ChaosTopic } from './topic.ts';

export interface NemesisOptions {
  readonly random: Random;
  readonly history: History;
  readonly services: Services;
  readonly stacks: Stacks;
  readonly topic: ChaosTopic | null;
  readonly prefect: PrefectClient;
  readonly createDeployment: (flow: FlowDefinition) => Promise<void>;
  readonly expiredItems: readonly ExpiredItems[];
}

export interface FaultCount {
  readonly name: string;
  /** How often this kind of fault was injected. */
  times: number;
  /** Requests, functions, items or events that it met. */
  hits: number;
  readonly unit: string;
}

interface Fault {
  readonly name: string;
  readonly inject: () => Promise<void>;
}

const SPELL_MS = 5_000;
const CALM_MS = 1_500;
const KILLS = 0.15;
/** The functions that take the place of killed ones have to do something before they are killed. */
const KILL_EVERY_MS = 1_200;
const OUTAGE_MS = 4_000;
const ABSENCE_MS = 4_000;
const REDEPLOY_EVERY_MS = 12_000;
const TTL_EVERY_MS = 2_500;
/** TTL deletes an expired item some time after its expiry. */
const TTL_SHARE = 0.3;
const NO_INTERFERENCE = (): Interference => ({ kind: 'none' });

const KILLED = 'functions killed';
const PREFECT_KILLED = 'Prefect killed and restarted';
const DEPLOYMENT_DELETED = 'deployment deleted and recreated';
const POLLER_KILLED = 'Kafka poller killed';
const REDEPLOYED = 'redeployed with a changed route';
const EXPIRED_DELETED = 'expired items deleted by TTL';

export class Nemesis {
  /** Runs that Prefect deleted with their deployment. */
  readonly deletedRuns: ObservedRun[] = [];
  readonly #options: NemesisOptions;
  readonly #counts = new Map<string, FaultCount>();
  readonly #faults: readonly Fault[];
  #isFirstRoundOver = false;

  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#faults = [
      ...SERVICE_FAULTS.map((fault) => ({ name: fault.name, inject: () => this.#disturb(fault) })),
      { name: KILLED, inject: () => this.#killFunctions() },
      { name: PREFECT_KILLED, inject: () => this.#killPrefect() },
      { name: DEPLOYMENT_DELETED, inject: () => this.#deleteDeployments() },
      ...(options.topic === null ? [] : [{ name: POLLER_KILLED, inject: () => this.#killPoller() }]),
    ];
    for (const { name } of SERVICE_FAULTS) this.#register(name, 'requests');
    this.#register(KILLED, 'processes');
    this.#register(PREFECT_KILLED, '');
    this.#register(DEPLOYMENT_DELETED, 'runs deleted with it');
    if (options.topic !== null) this.#register(POLLER_KILLED, '');
    this.#register(REDEPLOYED, '');
    this.#register(EXPIRED_DELETED, 'items');
  }

  get counts(): readonly FaultCount[] {
    return [...this.#counts.values()];
  }

  /** Every kind of fault has been injected at least once. */
  get isFirstRoundOver(): boolean {
    return this.#isFirstRoundOver;
  }

  /** Go on until `isOver`. Nothing is disturbed any more when it returns. */
  async run(isOver: () => boolean): Promise<void> {
    await Promise.all([this.#injectFaults(isOver), this.#redeploy(isOver), this.#expire(isOver)]);
  }

  async #injectFaults(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      for (const { name, inject } of this.#options.random.shuffled(this.#faults)) {
        if (isOver()) return;
        this.#options.history.recordFault(name, 'begins');
        this.#count(name).times++;
        await inject();
        this.#options.history.recordFault(name, 'ends');
        await pause(CALM_MS);
      }
      this.#isFirstRoundOver = true;
    }
  }

  async #disturb({ name, service, interference, share }: ServiceFault): Promise<void> {
    const { random, services } = this.#options;
    await this.#during([services.proxies[service]], SPELL_MS, () => {
      if (!random.isTrue(share)) return { kind: 'none' };
      this.#count(name).hits++;
      return interference;
    });
  }

  /** Kill functions while they wait for a response of any service. */
  async #killFunctions(): Promise<void> {
    const { random, services } = this.#options;
    const { DynamoDB, SQS, Prefect } = services.proxies;
    let killedAtMs = 0;
    const kill = async (): Promise<void> => {
      this.#count(KILLED).hits += await killFunctions(services.emulatorPid);
    };
    await this.#during([DynamoDB, SQS, Prefect], 2 * SPELL_MS, () => {
      const nowMs = Date.now();
      if (nowMs - killedAtMs < KILL_EVERY_MS || !random.isTrue(KILLS)) return { kind: 'none' };
      killedAtMs = nowMs;
      return { kind: 'kill', when: random.oneOf(['before', 'after']), kill };
    });
  }

  async #killPrefect(): Promise<void> {
    const { prefect } = this.#options.services;
    await prefect.kill();
    await pause(OUTAGE_MS);
    await prefect.restart();
    this.#count(PREFECT_KILLED).hits++;
  }

  /**
   * Delete the deployments of the doomed routes and recreate them. No run is created between the moment in which their
   * runs are listed and the deletion: so it is known exactly which events Prefect deletes with them.
   */
  async #deleteDeployments(): Promise<void> {
    const { prefect, services, createDeployment } = this.#options;
    const doomed = FLOWS.filter(({ route }) => route === 'doomed' || route === 'doomed-window');
    await services.proxies.Prefect.quiesce(async () => {
      for (const { flow } of doomed) {
        const deleted = await prefect.deleteDeployment(flow);
        this.deletedRuns.push(...deleted);
        this.#count(DEPLOYMENT_DELETED).hits += deleted.length;
      }
    });
    await pause(ABSENCE_MS);
    for (const flow of doomed) await createDeployment(flow);
  }

  async #killPoller(): Promise<void> {
    await this.#options.topic?.replacePoller();
    this.#count(POLLER_KILLED).hits++;
  }

  async #redeploy(isOver: () => boolean): Promise<void> {
    const { history, stacks } = this.#options;
    for (let next = 1; ; next++) {
      await sleepUnless(isOver, REDEPLOY_EVERY_MS);
      if (isOver()) return;
      const version: RouteVersion = ROUTE_VERSIONS[next % ROUTE_VERSIONS.length] ?? ROUTE_VERSIONS[0];
      history.recordFault(REDEPLOYED, 'begins', `to version ${version}`);
      await stacks.redeploy(version);
      history.recordFault(REDEPLOYED, 'ends', `to version ${version}`);
      const count = this.#count(REDEPLOYED);
      count.times++;
      count.hits++;
    }
  }

  async #expire(isOver: () => boolean): Promise<void> {
    const { random, history, expiredItems } = this.#options;
    while (!isOver()) {
      await pause(TTL_EVERY_MS);
      for (const items of expiredItems) {
        const nowEpochSeconds = Math.floor(Date.now() / 1_000);
        const deleted = await items.deleteSome(nowEpochSeconds, () => random.isTrue(TTL_SHARE));
        if (deleted === 0) continue;
        const count = this.#count(EXPIRED_DELETED);
        count.times++;
        count.hits += deleted;
        history.recordFault(EXPIRED_DELETED, 'ends', `${deleted} items`);
      }
    }
  }

  async #during(
    proxies: readonly FaultProxy[],
    durationMs: number,
    interfere: () => Interference,
  ): Promise<void> {
    for (const proxy of proxies) proxy.interfere = interfere;
    await pause(durationMs);
    for (const proxy of proxies) proxy.interfere = NO_INTERFERENCE;
  }

  #register(name: string, unit: string): void {
    this.#counts.set(name, { name, times: 0, hits: 0, unit });
  }

  #count(name: string): FaultCount {
    const count = this.#counts.get(name);
    if (count === undefined) throw new Error(`The fault "${name}" is not registered.`);
    return count;
  }
}

async function sleepUnless(isOver: () => boolean, durationMs: number): Promise<void> {
  const untilMs = Date.now() + durationMs;
  while (Date.now() < untilMs && !isOver()) await pause(200);
}
