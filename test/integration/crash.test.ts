/**
 * The functions as they are deployed are killed before and after requests of theirs, and what they held comes again in
 * other groups: a sample of what `npm run crash` plays.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allSchedules, measureVictims, isVictim, type MeasuredVictim } from '../crash/matrix.ts';
import { mutantBundler, type Edit } from '../crash/mutant-bundle.ts';
import { playSchedules } from '../crash/player.ts';
import { COALESCING, sampleOf, schedulesOf, VICTIMS } from '../crash/schedule.ts';
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
    const killed = judgement.verdicts.filter(({ play }) => play.wasKilled);
    expect(killed.length).toBeGreaterThan(0.8 * chosen.length);
  }, 300_000);

  it('would be noticed: if nobody kills it, it ends by itself', () => {
    expect(failuresOf(undisturbed)).toEqual([]);
    expect(undisturbed.verdicts.filter(({ play }) => play.wasKilled)).toEqual([]);
    expect(Math.min(...measured.map(({ requests }) => requests))).toBeGreaterThan(3);
  });
});

const MISTAKES: readonly (Edit & { readonly mistake: string })[] = [
  {
    mistake: 'the record is written before the run',
    file: 'lib/idempotency/creation.ts',
    replace: `const answer = yield* createRun(batchId, sent);`,
    by: `const members_ = sent.map(({ memberId }) => memberId);
        yield* ask({ kind: 'write-record', record: { batchId, flowRunId: '', members: members_, deadCode: null, expiresAtEpochSeconds: 1 } });
        const answer = yield* createRun(batchId, sent);`,
  },
  {
    mistake: 'an event whose batch has no run yet is acknowledged',
    file: 'lib/idempotency/protocol.ts',
    replace: `if (leaseAlive) this.ledger.leave(members, 'in-flight', 'another invocation is at work on its batch');`,
    by: `if (leaseAlive) this.ledger.settleFrom({ batchId, flowRunId: '', members: members.map((each) => each.memberId), deadCode: null }, members, 'duplicate');`,
  },
];

describe('a mistake in the claim protocol', () => {
  it.each(MISTAKES)('is noticed: $mistake', async (edit) => {
    const { invocation } = COALESCING;
    const mutated = await openStage(endpoints, { invocation }, { bundle: mutantBundler(edit) });
    const victim = { mode: 'invocation', at: 'delivery', withPoison: false } as const;
    const [{ requests } = { requests: 0 }] = measured.filter((each) => isVictim(each.victim, victim));
    const schedules = schedulesOf(victim, requests).filter(({ regrouping }) => regrouping !== 'overlapping');
    const { verdicts } = await judge(mutated, await playSchedules(mutated, schedules));
    await mutated.close();
    expect(verdicts.flatMap(({ lost }) => lost)).not.toEqual([]);
  });
});
