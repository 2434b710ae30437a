/**
 * `npm run crash`: the whole crash matrix against DynamoDB Local, the AWS emulator and a Prefect server; with
 * `-- --sample 50 --seed 7` so many schedules of each kind of victim. Exits with 1 when an event is lost or doubled.
 */
import { Command } from 'commander';
import { parseWholeNumber } from '../../scripts/option-values.ts';
import { pieces } from '../../lib/map-with-concurrency.ts';
import { allSchedules, isVictim, measureVictims } from './matrix.ts';
import { startParts } from './parts.ts';
import { playSchedules } from './player.ts';
import { COALESCING, sampleOf, VICTIMS } from './schedule.ts';
import { openStage } from './stage.ts';
import { failuresOf, judge, reportOf, type Verdict } from './verdict.ts';

/** Enough to wait for timers together, few enough to see it go on. */
const PLAYED_AT_ONCE = 120;

const { sample, seed } = new Command('npm run crash --')
  .description(
    'Kills the bundled functions before and after each of their requests, and counts lost and doubled events.',
  )
  .option('--sample <number>', 'schedules of each kind (default: all)', parseWholeNumber, Infinity)
  .option('--seed <number>', 'selects the sample', parseWholeNumber, 1)
  .parse()
  .opts<{ sample: number; seed: number }>();

const startedAtMs = performance.now();
const parts = await startParts();
const stage = await openStage(parts, COALESCING);
console.log(`Prefect, SQS and ${parts.dynamodb}; the bundles of sqs-trigger and window-flush.\n`);
const { measured, judgement: control } = await measureVictims(stage);
console.log(`Nobody killed:\n${reportOf(control)}`);
console.log(`Requests of each: ${measured.map(({ requests }) => requests).join(', ')}\n`);

const all = allSchedules(measured);
const chosen = VICTIMS.flatMap((victim) => {
  const schedules = all.filter((each) => isVictim(each, victim));
  return Number.isFinite(sample) ? sampleOf(schedules, sample, seed) : schedules;
});
const verdicts: Verdict[] = [];
for (const played of pieces(chosen, PLAYED_AT_ONCE)) {
  const judgement = await judge(stage, await playSchedules(stage, played));
  verdicts.push(...judgement.verdicts);
  process.stderr.write(`${verdicts.length} of ${chosen.length} schedules played\n`);
  for (const failure of failuresOf(judgement)) process.stderr.write(`${failure}\n`);
}
const whole = { verdicts, unclosedWindows: await stage.unclosedWindows() };
console.log(`\nKilled before or after each request:\n${reportOf(whole)}`);
console.log(`${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s in all`);
process.exitCode = failuresOf(control).length + failuresOf(whole).length === 0 ? 0 : 1;
await stage.close();
await parts.stop();
