/**
 * `npm run soak -- --minutes 10`: sends a continuous load through the bundles that are deployed while functions and
 * Prefect are killed and requests and responses are lost or refused. Then it waits until nothing is left to do, and
 * checks. Exits with 1, and the evidence, unless no event is lost or doubled and every window is closed.
 */
import { Command } from 'commander';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { textTable } from '../../scripts/demo/text-table.ts';
import { parsePositiveNumber, parseWholeNumber } from '../../scripts/option-values.ts';
import { countMessages } from '../crash/held-messages.ts';
import type { Kill } from '../crash/http-tap.ts';
import { Fixture } from '../crash/fixture.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { startSoakServices } from './services.ts';
import { Poller } from './poller.ts';
import { Random } from '../support/random.ts';
import { Workload, SOAK_ROUTES } from './workload.ts';
import { checkSoak } from './checker.ts';

/** The share of invocations that are killed, before or after one of the requests that most invocations send. */
const KILLS = 0.15;
const LAST_KILL = 20;
const EVENTS_AT_ONCE = 10;
const PAUSE_MS = 500;
/** The load pauses while more messages wait: the soak measures what is lost, not the throughput. */
const LARGEST_BACKLOG = 200;
const SETTLED_WITHIN_MS = 10 * 60_000;

const { minutes, seed } = new Command('npm run soak --')
  .description(
    'Sends a continuous load through the bundles that are deployed while it kills functions and Prefect and injects ' +
      'faults into requests. Exits with 1 unless every event is in exactly one run and every window is closed.',
  )
  .option('--minutes <number>', 'how long to send events', parsePositiveNumber, 10)
  .option('--seed <number>', 'repeats the random decisions of a run', parseWholeNumber, Date.now() % 100_000)
  .parse()
  .opts<{ minutes: number; seed: number }>();

const random = new Random(seed);
const services = await startSoakServices(random);
const fixture = await Fixture.open(services.direct, SOAK_ROUTES, {
  functionEndpoints: services.disturbed,
});
const source = await SqsTestQueue.create(services.direct.awsUrl);
const workload = new Workload(random);
let mayKill = true;
const faults = {
  nextKill: (): Kill | null =>
    mayKill && random.isTrue(KILLS)
      ? { nth: random.upTo(LAST_KILL), when: random.oneOf(['before', 'after']) }
      : null,
  // At once, while the leases of the killed invocation are alive, or after a while.
  nextBackoffSeconds: () => random.upTo(6) - 1,
};
const triggers = new Poller({ deployed: fixture.functions['sqs-trigger'], queue: source, ...faults }, 3);
const flushes = new Poller(
  { deployed: fixture.functions['window-flush'], queue: fixture.timers, ...faults },
  2,
);
console.log(`seed ${seed}, ${minutes} minutes`);

const endsAtMs = performance.now() + minutes * 60_000;
const isOver = (): boolean => performance.now() > endsAtMs;
const faultsInjected = services.nemesis.run(isOver);
while (!isOver()) {
  const { waiting, held } = await countMessages(source);
  if (waiting + held < LARGEST_BACKLOG) await sendSome(random.upTo(EVENTS_AT_ONCE));
  await pause(PAUSE_MS);
}

mayKill = false;
await faultsInjected;
const settledAfterMs = await settle(fixture);
await Promise.all([triggers.end(), flushes.end()]);

const verdict = await checkSoak(fixture, workload.events);
const faultTable = textTable(
  ['fault', 'times', 'requests'],
  services.nemesis.counts.map(({ name, times, requests }) => [name, String(times), String(requests)]),
);
console.log(`
${faultTable}

events        ${workload.events.length}, and ${workload.duplicates} duplicates
flow runs     ${verdict.runs}
invocations   ${triggers.invocations} at the source, of which ${triggers.kills} were killed (${triggers.timeouts} timed out)
              ${flushes.invocations} for windows, of which ${flushes.kills} were killed (${flushes.timeouts} timed out)
settled       ${settledAfterMs === null ? 'NOT' : `${(settledAfterMs / 1_000).toFixed(0)} s after the last event`}
lost          ${verdict.lost.length}
doubled       ${verdict.doubled.length}
open windows  ${verdict.unclosedWindows.length}
Repeat with --seed ${seed}.
`);
for (const line of [...verdict.evidence, ...verdict.unclosedWindows]) console.log(`FAILED ${line}`);
const failures = verdict.lost.length + verdict.doubled.length + verdict.unclosedWindows.length;
process.exitCode = failures === 0 && settledAfterMs !== null ? 0 : 1;
await source.delete();
await fixture.close();
await services.stop();

async function sendSome(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => ({
    Id: String(index),
    MessageBody: workload.next().body,
  }));
  await source.client.send(new SendMessageBatchCommand({ QueueUrl: source.queueUrl, Entries: entries }));
}

/** Wait until no message and no window is left. @returns how long that took; `null` if it did not come to that */
async function settle(soaked: Fixture): Promise<number | null> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < SETTLED_WITHIN_MS) {
    const counts = [await countMessages(source), await countMessages(soaked.timers)];
    const waiting = counts.reduce((sum, each) => sum + each.waiting + each.delayed + each.held, 0);
    if (waiting === 0 && (await soaked.unclosedWindows()).length === 0)
      return performance.now() - startedAtMs;
    await pause(500);
  }
  return null;
}
