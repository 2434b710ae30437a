/**
 * `npm run chaos -- --minutes 10`: deploys Sluice twice on one real Prefect, sends events while faults are injected,
 * lets everything come to rest, and reads from Prefect and the dead-letter queues whether every event is in exactly
 * one run of each route that it matches. Imports nothing of `lib/`: it sees what a user sees.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { logsFolder } from '../../scripts/stack/paths.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { startReporting } from '../../scripts/demo/progress.ts';
import { parsePositiveNumber, parseWholeNumber } from '../../scripts/option-values.ts';
import { Random } from '../support/random.ts';
import { check } from './checker.ts';
import { readDeadLetters } from './dead-letter-reader.ts';
import { ExpiredItems } from '../support/parts/expired-items.ts';
import { History } from './history.ts';
import { Nemesis } from './nemesis.ts';
import type { Observation } from './observation.ts';
import { PrefectClient } from './prefect-client.ts';
import { report } from './report.ts';
import { FLOWS, ROUTE_VERSIONS } from './routes.ts';
import { Senders } from './senders.ts';
import { startServices, WORK_POOL, type Services } from './services.ts';
import { deployStacks, type Stacks } from './stacks.ts';
import { ChaosTopic, countUnread } from './topic.ts';
import { Workload } from './workload.ts';

/** Queues have to be empty for so long: a window may be closing, and a run may be about to be created. */
const REST_MS = 12_000;
/** Sluice sweeps its windows every five minutes; what is missing until then is lost. */
const REST_WHEN_SOMETHING_IS_MISSING_MS = 6.5 * 60_000;
const COMES_TO_REST_WITHIN_MS = 12 * 60_000;

const options = new Command('npm run chaos --')
  .description(
    'Checks the promise from outside: deploys Sluice with CDK on the AWS emulator beside a real Prefect, injects ' +
      'faults of every kind while events are sent, and reads from Prefect what became of each. Exits with 1, and the ' +
      'history of each event concerned, if the promise does not hold.',
  )
  .option(
    '--minutes <number>',
    'how long to send events; at least until each kind of fault was injected',
    parsePositiveNumber,
    10,
  )
  .option('--seed <number>', 'repeats the random decisions of a run', parseWholeNumber, Date.now() % 100_000)
  .option('--no-sweep', 'do not wait for the sweep of windows when something is missing')
  .parse()
  .opts<{ minutes: number; seed: number; sweep: boolean }>();

const stops: (() => Promise<void>)[] = [];
const folder = makeTemporaryFolder('chaos');
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const progress = startReporting();

async function chaos(): Promise<number> {
  const { minutes, seed } = options;
  console.log(`seed ${seed}, ${minutes} minutes`);
  const random = new Random(seed);
  const history = new History(join(logsFolder, `chaos-${String(seed)}-${String(Date.now())}.jsonl`));
  const startedAtMs = Date.now();
  const keepStop = (stop: () => Promise<void>): void => void stops.push(stop);
  progress('starting Prefect, Kafka and the AWS emulator …');
  const services = await startServices(keepStop);
  for (const absent of services.absent) progress(`left out: ${absent}`);
  const prefect = new PrefectClient(
    services.prefect.apiUrl,
    new S3Client({ ...services.aws, forcePathStyle: true }),
  );
  const createDeployment = (flow: (typeof FLOWS)[number]): Promise<void> =>
    prefect.createDeployment(flow, WORK_POOL, import.meta.dirname);
  for (const flow of FLOWS) await createDeployment(flow);
  const topic =
    services.kafkaBootstrapServer === null
      ? null
      : await ChaosTopic.create(services.kafkaBootstrapServer, keepStop);
  progress('deploying two stacks with cdk deploy …');
  const stacks = await deployStacks(services, folder, ROUTE_VERSIONS[0]);
  await topic?.startPolling(services.aws);

  const nemesis = new Nemesis({
    random,
    history,
    services,
    stacks,
    topic,
    prefect,
    createDeployment,
    expiredItems: await Promise.all(
      stacks.tables.map(({ stackName, tableName }) => ExpiredItems.of(services.aws, stackName, tableName)),
    ),
  });
  const workload = new Workload({
    random,
    senders: new Senders(services.aws, stacks, topic, history),
    countBacklog: () => stacks.countMessages(),
    countRecurring: () => stacks.countRecurring(),
    listRecurringRuns: () => prefect.listRuns(['chaos-recurring', 'chaos-recurring-window']),
  });
  progress('sending events, and injecting faults …');
  const endsAtMs = Date.now() + minutes * 60_000;
  const isOver = (): boolean => Date.now() > endsAtMs && nemesis.isFirstRoundOver;
  await Promise.all([workload.run(isOver), nemesis.run(isOver)]);
  progress('no more events and faults; waiting until everything has come to rest …');
  const sqs = new SQSClient(services.aws);
  const observe = async (): Promise<Observation> => ({
    sent: workload.sent,
    runs: await prefect.listRuns(),
    deadLetters: [],
    deletedRuns: nemesis.deletedRuns,
  });
  await rest(services, stacks, observe);
  const observation = {
    ...(await observe()),
    deadLetters: await readDeadLetters(sqs, stacks.deadLetterQueues),
  };
  const verdict = check(observation);
  progress('the verdict:');
  const { duplicates } = workload;
  console.log(
    `\n${report({ observation, verdict, counts: nemesis.counts, duplicates, history, startedAtMs })}`,
  );
  console.log(`Requests through the proxies: ${requestsOf(services)}. Repeat with --seed ${seed}.`);
  return verdict.violations.length === 0 ? 0 : 1;
}

/** Wait until no message is anywhere, and for the sweep if events are missing even then. */
async function rest(
  { kafkaBootstrapServer }: Services,
  stacks: Stacks,
  observe: () => Promise<Observation>,
): Promise<void> {
  const startedAtMs = Date.now();
  let emptySinceMs: number | null = null;
  let longestMs = REST_MS;
  while (Date.now() - startedAtMs < COMES_TO_REST_WITHIN_MS) {
    const unread = kafkaBootstrapServer === null ? 0 : await countUnread(kafkaBootstrapServer);
    const waiting = (await stacks.countMessages()) + unread;
    emptySinceMs = waiting > 0 ? null : (emptySinceMs ?? Date.now());
    if (emptySinceMs !== null && Date.now() - emptySinceMs > longestMs) {
      if (longestMs > REST_MS) return;
      const missing = check(await observe()).violations.filter(
        ({ kind, detail }) => kind === 'lost' && !detail.startsWith('poison'),
      );
      if (missing.length === 0 || !options.sweep) return;
      progress(`${missing.length} events are not in their runs; waiting for the sweep …`);
      longestMs = REST_WHEN_SOMETHING_IS_MISSING_MS;
    }
    await pause(1_000);
  }
  progress('messages are still waiting; judging all the same');
}

function requestsOf({ proxies }: Services): string {
  return Object.entries(proxies)
    .map(([name, { requests }]) => `${name} ${requests}`)
    .join(', ');
}

let exitCode = 1;
try {
  exitCode = await Promise.race([chaos(), interrupted.then(() => 130)]);
} catch (error) {
  console.error(error);
} finally {
  progress('stopping everything …');
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
}
// An interrupted step may still be pending, and would keep the process alive.
process.exit(exitCode);
