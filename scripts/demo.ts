/**
 * `npm run demo [-- --keep]`: deploys Sluice to an AWS emulator beside a real Prefect and a real Kafka, sends events
 * to its endpoint, to a queue and to a topic, and prints the outcome of each event. All of it is read from Prefect, the
 * table, the logs and the dead-letter queues.
 */
import { Command } from 'commander';
import { once } from 'node:events';
import { readDeadLetters } from './demo/dead-letters.ts';
import type { EventOutcome } from './demo/event-outcomes.ts';
import { deadLetterTable, eventTable } from './demo/report.ts';
import { startLocalStack, type LocalStack } from './demo/local-stack.ts';
import { startReporting, type ReportProgress } from './demo/progress.ts';
import { findViolations, summarize } from './demo/check-invariants.ts';
import { waves } from './demo/sample-events.ts';
import { sendWave, type SendResult } from './demo/send.ts';
import { readTable } from './demo/table-contents.ts';
import { waitForFlowRuns, waitForOutcomes } from './demo/wait.ts';

/** Send all events and print their outcomes; returns whether the promise holds. */
async function sendAndReport(stack: LocalStack, report: ReportProgress): Promise<boolean> {
  const results: SendResult[] = [];
  let outcomes: readonly EventOutcome[] = [];
  for (const wave of waves) {
    const more = await sendWave(wave, stack);
    results.push(...more);
    report(`${String(more.length)} events sent`);
    outcomes = await waitForOutcomes(
      results.filter((result) => result.kind === 'accepted'),
      stack,
      report,
    );
  }
  const runs = await waitForFlowRuns(stack, report);
  const { claims, batches } = await readTable(stack.aws, stack.tableName);
  const deadLetters = await readDeadLetters(stack.aws, stack.deadLetterQueueUrls);

  const refused = results.filter((result) => result.kind === 'refused');
  console.log(`\n${eventTable(outcomes, refused, runs)}\n`);
  console.log(`In the dead-letter queues:\n${deadLetterTable(deadLetters)}\n`);
  const state = { outcomes, claims, batches, runs, deadLetters };
  const violations = findViolations(state);
  for (const violation of violations) console.log(`VIOLATION: ${violation}`);
  console.log(summarize(state));
  return violations.length === 0;
}

function printNextSteps(stack: LocalStack): void {
  const { aws } = stack;
  console.log(`
Everything keeps running until Ctrl-C.
  Prefect    ${stack.prefectUiUrl}
  endpoint   ${stack.endpointUrl}
  queue      ${stack.jobsQueueUrl}
  Kafka      ${stack.ordersTopic?.bootstrapServer ?? 'skipped'}
Use the AWS and Prefect command lines on it:
  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_REGION=${aws.region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export PREFECT_API_URL=${stack.prefectApiUrl}
Ask what became of order 1002, see what a redrive of the dead letters would do, and compare the table with Prefect:
  npx sluice trace --stack ${stack.stackName} --key 1002 --route process-orders --logs
  npx sluice redrive --stack ${stack.stackName}
  npx sluice reconcile --stack ${stack.stackName} --dry-run
Post an order of your own:
  curl -i '${stack.endpointUrl}' -H 'authorization: Bearer ${stack.bearerToken}' \\
    -H 'content-type: application/json' -d '{"orderId": "2001", "region": "eu", "total": 7.5}'`);
}

const { keep } = new Command('npm run demo --')
  .description(
    'Deploys Sluice to an AWS emulator beside a real Prefect server and worker, sends events, and prints the outcome ' +
      'of each. Needs no AWS account. Exits with 1 if the promise does not hold.',
  )
  .option('--keep', 'leave everything running until Ctrl-C, for your own events', false)
  .parse()
  .opts<{ keep: boolean }>();
const stops: (() => Promise<void>)[] = [];
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

async function demo(): Promise<number> {
  const report = startReporting();
  const stack = await startLocalStack(report, (stop) => stops.push(stop));
  const holds = await sendAndReport(stack, report);
  if (keep) {
    printNextSteps(stack);
    // Neither the services nor a pending signal keep this process alive.
    const alive = setInterval(() => undefined, 60_000);
    await interrupted;
    clearInterval(alive);
  }
  return holds ? 0 : 1;
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
// An interrupted step may still be pending, and would keep the process alive.
process.exit(exitCode);
