/**
 * `npm run soak -- --minutes 10`: sends a continuous load through the bundles that are deployed while functions and
 * Prefect are killed, requests are lost and refused, routes are redeployed and claims expire. Then it waits until
 * nothing is left to do, and checks. Exits with 1, and the evidence, unless no event is lost or doubled and every
 * window is closed.
 */
import { Command } from 'commander';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { parsePositiveNumber, parseWholeNumber } from '../../scripts/option-values.ts';
import { Fixture } from '../crash/fixture.ts';
import { countMessages } from '../crash/held-messages.ts';
import type { Kill } from '../crash/http-tap.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { Random } from '../support/random.ts';
import { checkSoak } from './checker.ts';
import { Nemesis } from './nemesis.ts';
import { Poller } from './poller.ts';
import { formatSoakReport } from './report.ts';
import { routesOf, VERSIONS } from './routes.ts';
import { startSoakServices } from './services.ts';
import { SoakTopic } from './topic.ts';
import { Workload } from './workload.ts';

/** The share of invocations that are killed, before or after one of the requests that most invocations send. */
const KILLS = 0.15;
const LAST_KILL = 20;
const EVENTS_AT_ONCE = 10;
const PAUSE_MS = 500;
/** The load pauses while more messages wait: the soak measures what is lost, not the throughput. */
const LARGEST_BACKLOG = 200;
const THROUGH_THE_TOPIC = 0.3;
const REPLACED = 0.3;
const SETTLED_WITHIN_MS = 10 * 60_000;

const { minutes, seed } = new Command('npm run soak --')
  .description(
    'Sends a continuous load through the bundles that are deployed while it kills functions, Prefect and the Kafka ' +
      'poller, injects faults into requests, redeploys a route, deletes deployments and lets claims expire. Exits ' +
      'with 1 unless every event is in exactly one run and every window is closed.',
  )
  .option('--minutes <number>', 'how long to send events', parsePositiveNumber, 10)
  .option('--seed <number>', 'repeats the random decisions of a run', parseWholeNumber, Date.now() % 100_000)
  .parse()
  .opts<{ minutes: number; seed: number }>();

const random = new Random(seed);
const services = await startSoakServices();
const topic =
  services.kafkaBootstrapServer === null ? null : await SoakTopic.create(services.kafkaBootstrapServer);
const fixture = await Fixture.open(services.direct, routesOf(0), {
  functionEndpoints: services.disturbed,
  laterRoutes: VERSIONS.map(routesOf),
  ...(topic !== null && { topic: topic.terms }),
});
await topic?.startPoller(fixture.functions['kafka-trigger']);
const source = await SqsTestQueue.create(services.direct.awsUrl);
const workload = new Workload(random);
let mayKill = true;
const nextKill = (): Kill | null =>
  mayKill && random.isTrue(KILLS)
    ? { nth: random.upTo(LAST_KILL), when: random.oneOf(['before', 'after']) }
    : null;
const faults = {
  nextKill,
  isReplaced: () => random.isTrue(REPLACED),
  // At once, while the leases of the killed invocation are alive, or after a while.
  nextBackoffSeconds: () => random.upTo(6) - 1,
};
const triggers = new Poller(
  {
    ...faults,
    deployed: () => fixture.functions['sqs-trigger'],
    queue: source,
    onAcknowledged: (body) => {
      workload.acknowledge(body, Date.now());
    },
  },
  3,
);
const flushes = new Poller(
  { ...faults, deployed: () => fixture.functions['window-flush'], queue: fixture.timers },
  2,
);
console.log(`seed ${seed}, ${minutes} minutes`);
for (const line of services.absent) console.log(`left out: ${line}`);

const nemesis = new Nemesis({ random, services, fixture, topic, nextKill });
const endsAtMs = performance.now() + minutes * 60_000;
const isOver = (): boolean => performance.now() > endsAtMs;
const faultsInjected = nemesis.run(isOver);
while (!isOver()) {
  const { waiting, held } = await countMessages(source);
  if (waiting + held < LARGEST_BACKLOG) {
    const count = random.upTo(EVENTS_AT_ONCE);
    for (let sent = 0; sent < count; sent++) await sendNext();
  }
  await pause(PAUSE_MS);
}

mayKill = false;
await faultsInjected;
const settledAfterMs = await settle();
await Promise.all([triggers.end(), flushes.end()]);
const verdict = await checkSoak(fixture, workload.events, nemesis.deletedIds);
console.log(
  formatSoakReport({
    seed,
    workload,
    pollers: [
      ['at the queue', triggers],
      ['for windows', flushes],
    ],
    counts: nemesis.counts.all,
    deleted: nemesis.deletedIds.size,
    settledAfterMs,
    verdict,
  }),
);
const failures = verdict.lost.length + verdict.doubled.length + verdict.unclosedWindows.length;
process.exitCode = failures === 0 && settledAfterMs !== null ? 0 : 1;
await topic?.stop();
await source.delete();
await fixture.close();
await services.stop();

/** Events of keys that recur go to the queue, where it is known when they are acknowledged. */
async function sendNext(): Promise<void> {
  const { id, route, body } = workload.next(Date.now());
  if (topic !== null && !route.startsWith('recurring') && random.isTrue(THROUGH_THE_TOPIC)) {
    await topic.send(id, body);
  } else {
    await source.client.send(new SendMessageCommand({ QueueUrl: source.queueUrl, MessageBody: body }));
  }
}

/** Wait until no message, no record and no window is left. @returns how long that took; `null` if it did not come to that */
async function settle(): Promise<number | null> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < SETTLED_WITHIN_MS) {
    const counts = [await countMessages(source), await countMessages(fixture.timers)];
    const waiting = counts.reduce((sum, each) => sum + each.waiting + each.delayed + each.held, 0);
    const lag = topic === null ? 0 : await topic.lag();
    if (waiting + lag === 0 && (await fixture.unclosedWindows()).length === 0) {
      return performance.now() - startedAtMs;
    }
    await pause(500);
  }
  return null;
}
