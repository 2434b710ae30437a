/** Injects faults between the functions and what they call, one kind after the other in an order that the seed decides. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Interference } from '../support/proxies/fault-proxy.ts';
import {
  DYNAMODB_FAILS,
  DYNAMODB_THROTTLES,
  PREFECT_FAILS_FOR_A_SECOND,
  PREFECT_THROTTLES,
  SQS_FAILS,
  SQS_THROTTLES,
} from '../support/proxies/service-failures.ts';
import type { Random } from '../support/random.ts';

/** `aws` is SQS: DynamoDB has a proxy of its own. */
export type Service = 'aws' | 'dynamodb' | 'prefect';

export interface Outage {
  /** Kill Prefect. */
  begin(): Promise<void>;
  /** Start it again on the same database. */
  end(): Promise<void>;
}

interface ServiceFault {
  readonly name: string;
  readonly service: Service;
  readonly interference: Interference;
  /** The share of requests that it meets. */
  readonly share: number;
}

export interface FaultCount {
  readonly name: string;
  /** How often this kind of fault was injected. */
  times: number;
  /** How many requests it met. */
  requests: number;
}

const SERVICE_FAULTS: readonly ServiceFault[] = [
  {
    name: 'DynamoDB responses lost',
    service: 'dynamodb',
    interference: { kind: 'lose-response' },
    share: 0.3,
  },
  { name: 'DynamoDB requests lost', service: 'dynamodb', interference: { kind: 'lose-request' }, share: 0.3 },
  { name: 'DynamoDB throttles', service: 'dynamodb', interference: DYNAMODB_THROTTLES, share: 0.5 },
  { name: 'DynamoDB responds 500', service: 'dynamodb', interference: DYNAMODB_FAILS, share: 0.3 },
  {
    name: 'DynamoDB does not respond',
    service: 'dynamodb',
    interference: { kind: 'withhold-response' },
    share: 0.1,
  },
  { name: 'SQS responses lost', service: 'aws', interference: { kind: 'lose-response' }, share: 0.4 },
  { name: 'SQS requests lost', service: 'aws', interference: { kind: 'lose-request' }, share: 0.4 },
  { name: 'SQS throttles', service: 'aws', interference: SQS_THROTTLES, share: 0.4 },
  { name: 'SQS responds 503', service: 'aws', interference: SQS_FAILS, share: 0.4 },
  { name: 'Prefect responses lost', service: 'prefect', interference: { kind: 'lose-response' }, share: 0.4 },
  { name: 'Prefect requests lost', service: 'prefect', interference: { kind: 'lose-request' }, share: 0.4 },
  {
    name: 'Prefect does not respond',
    service: 'prefect',
    interference: { kind: 'withhold-response' },
    share: 0.1,
  },
  { name: 'Prefect throttles', service: 'prefect', interference: PREFECT_THROTTLES, share: 0.6 },
  { name: 'Prefect responds 503', service: 'prefect', interference: PREFECT_FAILS_FOR_A_SECOND, share: 0.6 },
];

const PREFECT_KILLED = 'Prefect killed and restarted';
const FAULT_MS = 6_000;
const CALM_MS = 3_000;

export class Nemesis {
  readonly #random: Random;
  readonly #outage: Outage;
  readonly #counts = new Map<string, FaultCount>();
  #active: ServiceFault | null = null;

  constructor(random: Random, outage: Outage) {
    this.#random = random;
    this.#outage = outage;
    for (const name of [...SERVICE_FAULTS.map((fault) => fault.name), PREFECT_KILLED]) {
      this.#counts.set(name, { name, times: 0, requests: 0 });
    }
  }

  get counts(): readonly FaultCount[] {
    return [...this.#counts.values()];
  }

  /** Decide what becomes of the next request to this service. */
  interfere(service: Service): Interference {
    const fault = this.#active;
    if (fault?.service !== service || !this.#random.isTrue(fault.share)) return { kind: 'none' };
    this.#count(fault.name).requests++;
    return fault.interference;
  }

  /** Go on until `isOver`, in rounds in which each kind of fault is injected once. */
  async run(isOver: () => boolean): Promise<void> {
    let round: (ServiceFault | null)[] = [];
    while (!isOver()) {
      if (round.length === 0) round = this.#random.shuffled([...SERVICE_FAULTS, null]);
      const fault = round.pop() ?? null;
      this.#count(fault?.name ?? PREFECT_KILLED).times++;
      if (fault === null) await this.#haveOutage();
      else await this.#disturb(fault);
      await pause(CALM_MS);
    }
  }

  async #disturb(fault: ServiceFault): Promise<void> {
    this.#active = fault;
    await pause(FAULT_MS);
    this.#active = null;
  }

  async #haveOutage(): Promise<void> {
    await this.#outage.begin();
    await pause(FAULT_MS);
    await this.#outage.end();
  }

  #count(name: string): FaultCount {
    const count = this.#counts.get(name);
    if (count === undefined) throw new Error(`The fault "${name}" is not registered.`);
    return count;
  }
}
