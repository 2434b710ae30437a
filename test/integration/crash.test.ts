/**
 * Kills the functions as they are deployed before and after their requests, and redelivers what they held in other
 * groups: a sample of the schedules of `npm run crash`.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listAllSchedules, measureVictims, isVictim, type MeasuredVictim } from '../crash/fault-schedule.ts';
import { mutantBundler, type Edit } from '../crash/mutant-bundle.ts';
import { runSchedules } from '../crash/scenario-runner.ts';
import {
  chooseSample,
  listSchedules,
  ROUTES,
  VICTIMS,
  type Regrouping,
  type Victim,
} from '../crash/schedule.ts';
import { Fixture, type Endpoints } from '../crash/fixture.ts';
import { listFailures, check, formatReport, type CheckResult } from '../crash/checker.ts';

const PER_VICTIM = 2;
/** Another sample every day; the seed of a failure repeats it. */
const seed = Number(process.env['SLUICE_CRASH_SEED'] ?? Math.floor(Date.now() / 86_400_000));

let endpoints: Endpoints;
let fixture: Fixture;
let measured: readonly MeasuredVictim[];
let undisturbed: CheckResult;

beforeAll(async () => {
  const awsUrl = inject('awsEndpointUrl');
  // Use the emulator's own DynamoDB if there is no JDK for DynamoDB Local.
  const dynamodbUrl = inject('dynamodbLocalUrl') ?? awsUrl;
  endpoints = { awsUrl, dynamodbUrl, prefectApiUrl: inject('prefectApiUrl') };
  fixture = await Fixture.open(endpoints, ROUTES);
  ({ measured, result: undisturbed } = await measureVictims(fixture));
});

afterAll(async () => {
  await fixture.close();
});

describe('a function that is killed between two requests', () => {
  it(`leaves every event in exactly one run, wherever it is killed (seed ${seed})`, async () => {
    const all = listAllSchedules(measured);
    const chosen = VICTIMS.flatMap((victim) =>
      chooseSample(
        all.filter((each) => isVictim(each, victim)),
        PER_VICTIM,
        seed,
      ),
    );
    const result = await check(fixture, await runSchedules(fixture, chosen));
    console.log(`SLUICE_CRASH_SEED=${seed}\n${formatReport(result)}`);
    expect(listFailures(result)).toEqual([]);
    // A function that needs fewer requests than when they were counted survives: clients on a busy machine retry.
    const killed = result.verdicts.filter(({ scenario }) => scenario.wasKilled);
    expect(killed.length).toBeGreaterThan(chosen.length / 2);
  }, 300_000);

  it('is noticed to have been killed: without a kill it ends by itself, and nothing fails', () => {
    expect(listFailures(undisturbed)).toEqual([]);
    expect(undisturbed.verdicts.filter(({ scenario }) => scenario.wasKilled)).toEqual([]);
    expect(Math.min(...measured.map(({ requests }) => requests))).toBeGreaterThan(3);
  });
});

interface Mistake extends Edit {
  readonly mistake: string;
  readonly victim: Victim & { readonly mode: 'invocation' | 'window' };
  readonly regrouping: Regrouping;
}

const AT_THE_SOURCE = { mode: 'invocation', from: 'queue', at: 'delivery', withPoison: false } as const;
const AT_THE_FLUSH = { mode: 'window', from: 'queue', at: 'flush', withPoison: false } as const;

const MISTAKES: readonly Mistake[] = [
  {
    mistake: 'the record is written before the run',
    victim: AT_THE_SOURCE,
    regrouping: 'identical',
    file: 'lib/protocol/create-run.ts',
    replace: `const result = yield* createRun(batchId, sent);`,
    by: `const members_ = sent.map(({ memberId }) => memberId);
        yield* perform({ kind: 'write-record', record: { kind: 'flow-run' as const, batchId, flowRunId: '', members: members_, deadCode: null, expiresAtEpochSeconds: 1 } });
        const result = yield* createRun(batchId, sent);`,
  },
  {
    mistake: 'an event whose batch has no run yet is acknowledged',
    victim: AT_THE_SOURCE,
    regrouping: 'mixed',
    file: 'lib/protocol/claim-batch.ts',
    replace: `if (leaseAlive) this.#leaveInFlight(members, leaseUntil);`,
    by: `if (leaseAlive) this.ledger.settleFrom({ kind: 'flow-run' as const, batchId, flowRunId: '', members: members.map((each) => each.memberId), deadCode: null }, members, 'duplicate');`,
  },
  {
    mistake: 'a window is marked as flushed before its runs are there',
    victim: AT_THE_FLUSH,
    regrouping: 'identical',
    file: 'lib/protocol/flush-window.ts',
    replace: `    (yield* createParts(sealed, context, ledger)) ??`,
    by: `    (yield* finish(sealed, context, [])) ?? (yield* createParts(sealed, context, ledger)) ??`,
  },
];

describe('a mistake in the claim protocol', () => {
  it.each(MISTAKES)('is noticed: $mistake', async ({ victim, regrouping, ...edit }) => {
    const routes = { [victim.mode]: ROUTES[victim.mode] };
    const mutated = await Fixture.open(endpoints, routes, { bundle: mutantBundler(edit) });
    const [{ requests } = { requests: 0 }] = measured.filter((each) => isVictim(each.victim, victim));
    const schedules = listSchedules(victim, requests).filter(
      (each) =>
        each.kill?.when === 'before' && each.regrouping === regrouping && each.redelivery !== 'after-flush',
    );
    const { verdicts } = await check(mutated, await runSchedules(mutated, schedules));
    await mutated.close();
    expect(verdicts.flatMap(({ lost }) => lost)).not.toEqual([]);
  });
});
