/**
 * The functions as they are deployed are killed before and after requests of theirs, and what they held comes again in
 * other groups: a sample of what `npm run crash` plays.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allSchedules, measureVictims, isVictim, type MeasuredVictim } from '../crash/matrix.ts';
import { mutantBundler, type Edit } from '../crash/mutant-bundle.ts';
import { playSchedules } from '../crash/player.ts';
import {
  COALESCING,
  sampleOf,
  schedulesOf,
  VICTIMS,
  type Regrouping,
  type Victim,
} from '../crash/schedule.ts';
import { openStage, type Endpoints, type Stage } from '../crash/stage.ts';
import { failuresOf, judge, reportOf, type Judgement } from '../crash/verdict.ts';

const PER_VICTIM = 4;
/** Every day another sample. With the seed of a failure it is the same again. */
const seed = Number(process.env['SLUICE_CRASH_SEED'] ?? Math.floor(Date.now() / 86_400_000));

let endpoints: Endpoints;
let stage: Stage;
let measured: readonly MeasuredVictim[];
let undisturbed: Judgement;

beforeAll(async () => {
  const awsUrl = inject('awsEndpointUrl');
  // Without a JDK the emulator's own DynamoDB takes the place of DynamoDB Local.
  const dynamodbUrl = inject('dynamodbLocalUrl') ?? awsUrl;
  endpoints = { awsUrl, dynamodbUrl, prefectApiUrl: inject('prefectApiUrl') };
  stage = await openStage(endpoints, COALESCING);
  ({ measured, judgement: undisturbed } = await measureVictims(stage));
});

afterAll(async () => {
  await stage.close();
});

describe('a function that is killed between two requests', () => {
  it(`leaves every event in exactly one run, wherever it dies (seed ${seed})`, async () => {
    const all = allSchedules(measured);
    const chosen = VICTIMS.flatMap((victim) =>
      sampleOf(
        all.filter((each) => isVictim(each, victim)),
        PER_VICTIM,
        seed,
      ),
    );
    const judgement = await judge(stage, await playSchedules(stage, chosen));
    console.log(`SLUICE_CRASH_SEED=${seed}\n${reportOf(judgement)}`);
    expect(failuresOf(judgement)).toEqual([]);
    // Who needed fewer requests than when they were counted (a busy machine makes clients try again) has survived.
    const killed = judgement.verdicts.filter(({ play }) => play.wasKilled);
    expect(killed.length).toBeGreaterThan(chosen.length / 2);
  }, 300_000);

  it('would be noticed: without a kill it ends by itself', () => {
    expect(failuresOf(undisturbed)).toEqual([]);
    expect(undisturbed.verdicts.filter(({ play }) => play.wasKilled)).toEqual([]);
    expect(Math.min(...measured.map(({ requests }) => requests))).toBeGreaterThan(3);
  });
});

interface Mistake extends Edit {
  readonly mistake: string;
  readonly victim: Victim & { readonly mode: 'invocation' | 'window' };
  readonly regrouping: Regrouping;
}

const AT_THE_SOURCE = { mode: 'invocation', at: 'delivery', withPoison: false } as const;
const AT_THE_FLUSH = { mode: 'window', at: 'flush', withPoison: false } as const;

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
    replace: `if (leaseAlive) this.ledger.leave(members, 'in-flight', 'another invocation is at work on its batch');`,
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
    const coalescing = { [victim.mode]: COALESCING[victim.mode] };
    const mutated = await openStage(endpoints, coalescing, { bundle: mutantBundler(edit) });
    const [{ requests } = { requests: 0 }] = measured.filter((each) => isVictim(each.victim, victim));
    const schedules = schedulesOf(victim, requests).filter(
      (each) =>
        each.kill?.when === 'before' && each.regrouping === regrouping && each.redelivery !== 'after-flush',
    );
    const { verdicts } = await judge(mutated, await playSchedules(mutated, schedules));
    await mutated.close();
    expect(verdicts.flatMap(({ lost }) => lost)).not.toEqual([]);
  });
});
