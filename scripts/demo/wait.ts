/** Waits until every event has its outcome and every flow run has ended, and reports the progress. */
import { waitUntil } from '../stack/process.ts';
import { matchOutcomes, type AcceptedEvent, type EventOutcome } from './event-outcomes.ts';
import { readFlowRuns, type FlowRun } from './flow-runs.ts';
import type { LocalStack } from './local-stack.ts';
import { readOutcomeLog } from './outcome-log.ts';
import type { ReportProgress } from './progress.ts';

/** Longer than a visibility timeout, so that a redelivered event still gets its outcome in time. */
const TIMEOUT_MS = 480_000;
const POLL_INTERVAL_MS = 500;

/** Resolve when all events have their outcome, or with the known outcomes after the timeout. */
export async function waitForOutcomes(
  accepted: readonly AcceptedEvent[],
  { aws, stackName }: LocalStack,
  report: ReportProgress,
): Promise<readonly EventOutcome[]> {
  let outcomes: readonly EventOutcome[] = [];
  const reportChange = onlyChanges(report);
  await waitOrReport(async () => {
    outcomes = matchOutcomes(accepted, await readOutcomeLog(aws, stackName));
    const known = outcomes.filter(({ outcome }) => outcome !== null).length;
    reportChange(`${String(known)} of ${String(accepted.length)} events have their outcome`);
    return known === accepted.length;
  }, report);
  return outcomes;
}

/** Resolve when all flow runs are in a terminal state, or after the timeout. */
export async function waitForFlowRuns(
  { prefectApiUrl }: LocalStack,
  report: ReportProgress,
): Promise<readonly FlowRun[]> {
  let runs: readonly FlowRun[] = [];
  const reportChange = onlyChanges(report);
  await waitOrReport(async () => {
    runs = await readFlowRuns(prefectApiUrl);
    const ended = runs.filter(({ hasEnded }) => hasEnded).length;
    reportChange(`${String(ended)} of ${String(runs.length)} flow runs have ended`);
    return ended === runs.length;
  }, report);
  return runs;
}

/** Report a timeout instead of throwing: the table then shows which outcomes are missing. */
async function waitOrReport(condition: () => Promise<boolean>, report: ReportProgress): Promise<void> {
  try {
    await waitUntil(condition, TIMEOUT_MS, POLL_INTERVAL_MS);
  } catch (error) {
    report(`stopped waiting: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function onlyChanges(report: ReportProgress): ReportProgress {
  let last = '';
  return (step) => {
    if (step !== last) report(step);
    last = step;
  };
}
