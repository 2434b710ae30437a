/** Waits until everything that was sent has come to its end, and says how far it is. */
import { waitUntil } from '../stack/process.ts';
import { fatesOf, type AcceptedEvent, type Fate } from './fates.ts';
import { readFlowRuns, type FlowRun } from './flow-runs.ts';
import type { LocalStack } from './local-stack.ts';
import { readOutcomeLog } from './outcome-log.ts';
import type { Report } from './progress.ts';

/** More than a visibility timeout: what has to be delivered again, for whatever reason, comes in time. */
const PATIENCE_MS = 480_000;
const LOOK_EVERY_MS = 500;

/** Resolves when it is known of all events what became of them; gives up after a while, with what is known then. */
export async function waitForFates(
  accepted: readonly AcceptedEvent[],
  { aws, stackName }: LocalStack,
  report: Report,
): Promise<readonly Fate[]> {
  let fates: readonly Fate[] = [];
  const reportChange = onlyChanges(report);
  await waitPatiently(async () => {
    fates = fatesOf(accepted, await readOutcomeLog(aws, stackName));
    const known = fates.filter(({ outcome }) => outcome !== null).length;
    reportChange(`${String(known)} of ${String(accepted.length)} events have their outcome`);
    return known === accepted.length;
  }, report);
  return fates;
}

/** Resolves when all flow runs have ended, however they ended; gives up after a while. */
export async function waitForFlowRuns(
  { prefectApiUrl }: LocalStack,
  report: Report,
): Promise<readonly FlowRun[]> {
  let runs: readonly FlowRun[] = [];
  const reportChange = onlyChanges(report);
  await waitPatiently(async () => {
    runs = await readFlowRuns(prefectApiUrl);
    const ended = runs.filter(({ hasEnded }) => hasEnded).length;
    reportChange(`${String(ended)} of ${String(runs.length)} flow runs have ended`);
    return ended === runs.length;
  }, report);
  return runs;
}

/** What is missing when patience is at its end is seen in the table: that is no reason to show nothing. */
async function waitPatiently(condition: () => Promise<boolean>, report: Report): Promise<void> {
  try {
    await waitUntil(condition, PATIENCE_MS, LOOK_EVERY_MS);
  } catch (error) {
    report(`gave up waiting: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function onlyChanges(report: Report): Report {
  let last = '';
  return (step) => {
    if (step !== last) report(step);
    last = step;
  };
}
