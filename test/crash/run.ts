/**
 * `npm run crash`: runs every schedule of crashes against DynamoDB Local, the AWS emulator and a Prefect server; with
 * `-- --sample 50 --seed 7` that many schedules of each kind of victim. Exits with 1 if an event is lost or doubled.
 */
import { Command } from 'commander';
import { parseWholeNumber } from '../../scripts/option-values.ts';
import { pieces } from '../../lib/map-with-concurrency.ts';
import { listAllSchedules, isVictim, measureVictims } from './fault-schedule.ts';
import { startServices } from './services.ts';
import { runSchedules } from './scenario-runner.ts';
import { chooseSample, ROUTES, VICTIMS } from './schedule.ts';
import { Fixture } from './fixture.ts';
import { listFailures, check, formatReport, type Verdict } from './checker.ts';

/** Enough to wait for timers together, few enough to show progress. */
const RUN_AT_ONCE = 120;

const { sample, seed } = new Command('npm run crash --')
  .description(
    'Kills the bundled functions before and after each of their requests, and counts lost and doubled events.',
  )
  .option('--sample <number>', 'schedules of each kind (default: all)', parseWholeNumber, Infinity)
  .option('--seed <number>', 'selects the sample', parseWholeNumber, 1)
  .parse()
  .opts<{ sample: number; seed: number }>();

const startedAtMs = performance.now();
const services = await startServices();
const fixture = await Fixture.open(services, ROUTES);
console.log(
  `Prefect, SQS and ${services.dynamodb}; the bundles of sqs-trigger, kafka-trigger, window-flush and reconcile.\n`,
);
const { measured, result: control } = await measureVictims(fixture);
console.log(`Without crashes:\n${formatReport(control)}`);
console.log(`Requests of each victim: ${measured.map(({ requests }) => requests).join(', ')}\n`);

const all = listAllSchedules(measured);
const chosen = VICTIMS.flatMap((victim) => {
  const schedules = all.filter((each) => isVictim(each, victim));
  return Number.isFinite(sample) ? chooseSample(schedules, sample, seed) : schedules;
});
const verdicts: Verdict[] = [];
const unclosedWindows: string[] = [];
for (const batch of pieces(chosen, RUN_AT_ONCE)) {
  const result = await check(fixture, await runSchedules(fixture, batch));
  verdicts.push(...result.verdicts);
  unclosedWindows.push(...result.unclosedWindows);
  process.stderr.write(`${verdicts.length} of ${chosen.length} schedules are done\n`);
  for (const failure of listFailures(result)) process.stderr.write(`${failure}\n`);
}
const whole = { verdicts, unclosedWindows: [...new Set(unclosedWindows)] };
console.log(`\nKilled before or after each request:\n${formatReport(whole)}`);
console.log(`${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s in all`);
process.exitCode = listFailures(control).length + listFailures(whole).length === 0 ? 0 : 1;
await fixture.close();
await services.stop();
