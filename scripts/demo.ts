/**
 * `npm run demo [-- --keep]`: deploys Sluice to an AWS emulator beside a real Prefect and a real Kafka, sends events
 * to its endpoint, to a queue and to a topic, and shows what became of each. What it shows is read from Prefect, the
 * table, the functions' logs and the dead-letter queues; the exit code is 1 when the promise does not hold. `--keep`
 * leaves all running until Ctrl-C.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { readDeadLetters } from './demo/dead-letters.ts';
import type { Fate } from './demo/fates.ts';
import { deadLetterTable, eventTable } from './demo/findings.ts';
import { startLocalStack, type LocalStack } from './demo/local-stack.ts';
import { startReporting, type Report } from './demo/progress.ts';
import { brokenPromises, summaryOf } from './demo/promise.ts';
import { waves } from './demo/sample-events.ts';
import { sendWave, type Answer } from './demo/sending.ts';
import { readTable } from './demo/table-contents.ts';
import { waitForFates, waitForFlowRuns } from './demo/waiting.ts';

/** @returns whether the promise holds */
async function showPromise(stack: LocalStack, report: Report): Promise<boolean> {
  const answers: Answer[] = [];
  let fates: readonly Fate[] = [];
  for (const wave of waves) {
    const more = await sendWave(wave, stack);
    answers.push(...more);
    report(`${String(more.length)} events sent`);
    fates = await waitForFates(
      answers.filter((answer) => answer.kind === 'accepted'),
      stack,
      report,
    );
  }
  const runs = await waitForFlowRuns(stack, report);
  const { claims, batches } = await readTable(stack.aws, stack.tableName);
  const letters = await readDeadLetters(stack.aws, stack.deadLetterQueueUrls);

  const refused = answers.filter((answer) => answer.kind === 'refused');
  console.log(`\n${eventTable(fates, refused, runs)}\n`);
  console.log(`In the dead-letter queues:\n${deadLetterTable(letters)}\n`);
  const facts = { fates, claims, batches, runs, letters };
  const broken = brokenPromises(facts);
  for (const each of broken) console.log(`BROKEN: ${each}`);
  console.log(summaryOf(facts));
  return broken.length === 0;
}

function showHowToGoOn(stack: LocalStack): void {
  console.log(`
Everything keeps running until Ctrl-C.
  Prefect    ${stack.prefectUiUrl}
  endpoint   ${stack.endpointUrl}
  queue      ${stack.jobsQueueUrl}
  Kafka      ${stack.ordersTopic?.bootstrapServer ?? 'left out'}
  AWS        AWS_ENDPOINT_URL=${stack.aws.endpoint} AWS_REGION=${stack.aws.region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
Post an order of your own:
  curl -i '${stack.endpointUrl}' -H 'authorization: Bearer ${stack.bearerToken}' \\
    -H 'content-type: application/json' -d '{"orderId": "2001", "region": "eu", "total": 7.5}'`);
}

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;
const stops: (() => Promise<void>)[] = [];
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

async function demo(): Promise<number> {
  const report = startReporting();
  const stack = await startLocalStack(report, (stop) => stops.push(stop));
  const isKept = await showPromise(stack, report);
  if (keep) {
    showHowToGoOn(stack);
    // Neither the parts nor a signal that may come keep this process alive.
    const alive = setInterval(() => undefined, 60_000);
    await interrupted;
    clearInterval(alive);
  }
  return isKept ? 0 : 1;
}

let exitCode = 1;
try {
  exitCode = await Promise.race([demo(), interrupted.then(() => (keep ? 0 : 130))]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  console.log('\nStopping everything …');
  await Promise.all(stops.map((stop) => stop()));
}
// What was interrupted may still be waiting for something.
process.exit(exitCode);
