/**
 * `npm run soak -- --minutes 10`: pours events through the bundles that are deployed, with crashes, lost requests and
 * answers, throttles and outages of Prefect; then lets it settle, and judges. Exits with 1, and the evidence, unless no
 * event is lost or doubled and every window is closed.
 */
import { Command } from 'commander';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { parsePositiveNumber, parseWholeNumber } from '../../scripts/option-values.ts';
import { countMessages } from '../crash/held-messages.ts';
import type { Kill } from '../crash/http-tap.ts';
import { openStage, type Stage } from '../crash/stage.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { startSoakParts } from './parts.ts';
import { Poller } from './poller.ts';
import { Random } from '../support/random.ts';
import { EventStream, SOAK_COALESCING } from './stream.ts';
import { judgeSoak } from './verdict.ts';

/** Of invocations; where they die is anywhere in the requests that most of them send. */
const KILLS = 0.15;
const LAST_KILL = 20;
const EVENTS_AT_ONCE = 10;
const PAUSE_MS = 500;
/** More are not poured on top of these: what is measured is what is lost, not how fast it goes. */
const LONGEST_BACKLOG = 200;
const SETTLED_WITHIN_MS = 10 * 60_000;

const { minutes, seed } = new Command('npm run soak --')
  .description(
    'Sends events while functions are killed and requests are disturbed, and counts lost and doubled events.',
  )
  .option('--minutes <number>', 'how long to send events', parsePositiveNumber, 10)
  .option('--seed <number>', 'repeats the random decisions of a run', parseWholeNumber, Date.now() % 100_000)
  .parse()
  .opts<{ minutes: number; seed: number }>();

const random = new Random(seed);
const parts = await startSoakParts(random);
const stage = await openStage(parts.direct, SOAK_COALESCING, { functionEndpoints: parts.troubled });
const source = await SqsTestQueue.create(parts.direct.awsUrl);
const stream = new EventStream(random);
let mayKill = true;
const faults = {
  nextKill: (): Kill | null =>
    mayKill && random.isTrue(KILLS)
      ? { nth: random.upTo(LAST_KILL), when: random.oneOf(['before', 'after']) }
      : null,
  // At once, while the leases of the dead are alive, or after a while.
  nextBackoffSeconds: () => random.upTo(6) - 1,
};
const triggers = new Poller({ deployed: stage.trigger, queue: source, ...faults }, 3);
const flushes = new Poller({ deployed: stage.flush, queue: stage.timers, ...faults }, 2);
console.log(`seed ${seed}, ${minutes} minutes`);

const troubleMakers = parts.troubles.makeTrouble();
const endsAtMs = performance.now() + minutes * 60_000;
while (performance.now() < endsAtMs) {
  const { waiting, held } = await countMessages(source);
  if (waiting + held < LONGEST_BACKLOG) await pour(random.upTo(EVENTS_AT_ONCE));
  await pause(PAUSE_MS);
}

mayKill = false;
parts.troubles.end();
await troubleMakers;
const settledAfterMs = await settle(stage);
await Promise.all([triggers.end(), flushes.end()]);

const verdict = await judgeSoak(stage, stream.events);
const troubles = [...parts.troubles.counts].map(([name, count]) => `${name}: ${count}`);
console.log(`
events        ${stream.events.length}, and ${stream.duplicates} duplicates
flow runs     ${verdict.runs}
invocations   ${triggers.invocations} at the source, of which ${triggers.kills} were killed (${triggers.timeouts} timed out)
              ${flushes.invocations} for windows, of which ${flushes.kills} were killed (${flushes.timeouts} timed out)
troubles      ${troubles.sort().join('\n              ')}
settled       ${settledAfterMs === null ? 'NOT' : `${(settledAfterMs / 1_000).toFixed(0)} s after the last event`}
lost          ${verdict.lost.length}
doubled       ${verdict.doubled.length}
open windows  ${verdict.unclosedWindows.length}
`);
for (const line of [...verdict.evidence, ...verdict.unclosedWindows]) console.log(`FAILED ${line}`);
const failures = verdict.lost.length + verdict.doubled.length + verdict.unclosedWindows.length;
process.exitCode = failures === 0 && settledAfterMs !== null ? 0 : 1;
await source.delete();
await stage.close();
await parts.stop();

async function pour(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => ({
    Id: String(index),
    MessageBody: stream.next().body,
  }));
  await source.client.send(new SendMessageBatchCommand({ QueueUrl: source.queueUrl, Entries: entries }));
}

/** How long it took until nothing waits anywhere; null when it never came to that. */
async function settle({ timers, unclosedWindows }: Stage): Promise<number | null> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < SETTLED_WITHIN_MS) {
    const counts = [await countMessages(source), await countMessages(timers)];
    const waiting = counts.reduce((sum, each) => sum + each.waiting + each.delayed + each.held, 0);
    if (waiting === 0 && (await unclosedWindows()).length === 0) return performance.now() - startedAtMs;
    await pause(500);
  }
  return null;
}
