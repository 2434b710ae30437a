/** What goes wrong around the functions, one trouble after the other, with some calm in between. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Trouble } from '../support/proxies/faulty-proxy.ts';
import type { Random } from '../support/random.ts';

export type Part = 'aws' | 'dynamodb' | 'prefect';

export interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLED: Trouble = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException',
    message: 'Rate of requests exceeds the allowed throughput.',
  }),
};

const OVERLOADED: Trouble = {
  status: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"detail":"Service Unavailable"}',
};

interface Spell {
  readonly name: string;
  readonly part: Part;
  readonly trouble: Trouble;
  /** How many of the requests it meets. */
  readonly share: number;
}

const SPELLS: readonly [Spell, ...Spell[]] = [
  { name: 'DynamoDB loses answers', part: 'dynamodb', trouble: 'lost-answer', share: 0.3 },
  { name: 'DynamoDB loses requests', part: 'dynamodb', trouble: 'lost-request', share: 0.3 },
  { name: 'DynamoDB throttles', part: 'dynamodb', trouble: THROTTLED, share: 0.5 },
  { name: 'DynamoDB is silent', part: 'dynamodb', trouble: 'silence', share: 0.1 },
  { name: 'SQS loses answers', part: 'aws', trouble: 'lost-answer', share: 0.4 },
  { name: 'SQS loses requests', part: 'aws', trouble: 'lost-request', share: 0.4 },
  { name: 'Prefect loses answers', part: 'prefect', trouble: 'lost-answer', share: 0.4 },
  { name: 'Prefect loses requests', part: 'prefect', trouble: 'lost-request', share: 0.4 },
  { name: 'Prefect is silent', part: 'prefect', trouble: 'silence', share: 0.1 },
  { name: 'Prefect is overloaded', part: 'prefect', trouble: OVERLOADED, share: 0.6 },
];

const OUTAGE = 'Prefect is down';
const OUTAGES = 0.12;
const SPELL_MS = 6_000;
const CALM_MS = 3_000;

export class Troubles {
  /** How many requests each trouble met; of outages, how many there were. */
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  readonly #outage: Outage;
  #spell: Spell | null = null;
  #isOver = false;

  constructor(random: Random, outage: Outage) {
    this.#random = random;
    this.#outage = outage;
  }

  /** What becomes of the next request to this part. */
  troubleOf(part: Part): Trouble {
    const spell = this.#spell;
    if (spell?.part !== part || !this.#random.isTrue(spell.share)) return 'none';
    this.#count(spell.name);
    return spell.trouble;
  }

  async makeTrouble(): Promise<void> {
    while (!this.#isOver) {
      if (this.#random.isTrue(OUTAGES)) await this.#haveOutage();
      else {
        this.#spell = this.#random.oneOf(SPELLS);
        await pause(SPELL_MS);
        this.#spell = null;
      }
      await pause(CALM_MS);
    }
  }

  end(): void {
    this.#isOver = true;
  }

  async #haveOutage(): Promise<void> {
    this.#count(OUTAGE);
    await this.#outage.begin();
    await pause(SPELL_MS);
    await this.#outage.end();
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
