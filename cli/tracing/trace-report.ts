/** The report of `sluice trace`: the answer first, then the time line, then where the facts are from. */
import { describeTrace } from '../../lib/trace/describe-trace.ts';
import type { EventLine } from '../../lib/trace/event-line.ts';
import type { FlowRunFacts } from '../../lib/trace/trace-ports.ts';
import type { ClaimTrace } from '../../lib/trace/trace.ts';

/** What was found. It is the output of `--json` as it is. */
export interface TraceResult {
  readonly traces: readonly ClaimTrace[];
  /** Of a trace that begins with a flow run or a batch. */
  readonly run: FlowRunFacts | null;
  /** Null when the logs were not asked. */
  readonly logs: TracedLogs | null;
  /** What could not be asked, and what to do about it. */
  readonly notes: readonly string[];
}

export interface TracedLogs {
  readonly lines: readonly EventLine[];
  readonly isComplete: boolean;
  readonly requests: number;
}

/** Whether the trace found anything of what it was asked for. */
export function isFound({ traces, run, logs }: TraceResult): boolean {
  const isKnown = traces.some(({ fates }) => fates.some(({ kind }) => kind !== 'unknown'));
  return isKnown || run !== null || (logs?.lines.length ?? 0) > 0;
}

/** `subject` is how the caller names the event, for example `order "A-1"`. */
export function traceReport(result: TraceResult, subject: string): string {
  const { traces, run, logs, notes } = result;
  const known = traces.filter(({ fates }) => fates.some(({ kind }) => kind !== 'unknown'));
  const shown = known.length > 0 || logs !== null ? known : traces;
  return [
    ...(run === null ? [] : [runText(run)]),
    ...shown.map((trace) => claimText(trace, subject)),
    ...(isFound(result) || traces.length > 0 ? [] : [`${subject} is not known here.`]),
    ...(logs === null ? [] : [logText(logs)]),
    ...notes.map((note) => `Note: ${note}`),
  ].join('\n\n');
}

function claimText(trace: ClaimTrace, subject: string): string {
  const { route, answers, sendingAgain, timeline } = describeTrace(trace);
  return [
    ...answers.map((answer) => `On the route ${route}, ${subject} ${answer}.`),
    ...timeline.map(
      ({ at, what, from }) => `  ${at}  ${what} (from ${from === 'table' ? 'the table' : 'Prefect'})`,
    ),
    `  ${sendingAgain}`,
    `  Claim ${trace.claimKey}${trace.claim === null ? '' : `, batch ${trace.claim.batchId}`} (from the table)`,
  ].join('\n');
}

function runText({
  flowRunId,
  name,
  route,
  batchId,
  members,
  stateName,
  createdAt,
  stateMessage,
}: FlowRunFacts): string {
  const origin =
    batchId === null
      ? 'It was not created by Sluice.'
      : `It is the run of batch ${batchId} of the route ${route ?? 'unknown'}, with ${members.length} ${members.length === 1 ? 'event' : 'events'}.`;
  const reason = stateMessage === null ? '' : ` (${stateMessage})`;
  return `Flow run ${name} (${flowRunId}) was created ${createdAt} and is ${stateName}${reason} (from Prefect).\n  ${origin}`;
}

function logText({ lines, isComplete, requests }: TracedLogs): string {
  const head = `Log lines (${requests} requests to CloudWatch Logs):`;
  const none =
    lines.length === 0 ? ['  none in the time that was searched; --since searches further back'] : [];
  const cut = isComplete
    ? []
    : ['  The search ended at its time limit; a shorter --since finds what is missing.'];
  return [head, ...lines.map(lineText), ...none, ...cut].join('\n');
}

function lineText({ at, source, outcome, eventId, route, flowRunId, code, detail }: EventLine): string {
  const where = route === null ? '' : ` on ${route}`;
  const why = [code, detail].filter((part) => part !== null).join(': ');
  const run = flowRunId === null ? '' : ` → flow run ${flowRunId}`;
  return `  ${at}  ${eventId ?? 'a record'} of ${source}: ${outcome}${where}${why === '' ? '' : ` (${why})`}${run}`;
}
