/** Find what a trace was asked for: in the table, in Prefect and in the logs. */
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { parseEventLine, type LogSearch } from '../../lib/trace/event-line.ts';
import type { TracePorts } from '../../lib/trace/trace-ports.ts';
import { traceClaims, type TraceOptions } from '../../lib/trace/trace.ts';
import type { TracedLogs, TraceResult } from './trace-report.ts';
import type { TraceSubject } from './trace-subject.ts';

/** What a trace asks. */
export interface TraceTools {
  readonly ports: TracePorts;
  readonly logs: LogSearch;
  readonly options: Omit<TraceOptions, 'windowsPerEvent'>;
}

export interface FindOptions {
  /** Search the logs even if the table suffices. */
  readonly logs: boolean;
  /** Epoch milliseconds. Default: a day ago. */
  readonly since?: number;
}

const DAY_MS = 86_400_000;

/** Look for the event. It changes nothing. */
export async function findEvent(
  subject: Exclude<TraceSubject, { kind: 'invalid' }>,
  config: CompiledConfig,
  tools: TraceTools,
  { logs: asksLogs, since }: FindOptions,
): Promise<TraceResult> {
  const sinceEpochMs = since ?? tools.options.nowEpochMs - DAY_MS;
  const searchLogs = (text: string): Promise<TracedLogs> => search(tools.logs, text, sinceEpochMs);
  const traceAll = (claimKeys: readonly string[]) =>
    traceClaims(claimKeys, tools.ports, {
      ...tools.options,
      windowsPerEvent: (route) => windowsPerEvent(config, route),
    });
  switch (subject.kind) {
    case 'claims': {
      const traces = await traceAll(subject.claimKeys);
      const known = traces.find(({ claim }) => claim !== null)?.claimKey ?? subject.claimKeys[0] ?? '';
      return { traces, run: null, logs: asksLogs ? await searchLogs(known) : null, notes: [] };
    }
    case 'id':
      return traceId(subject, traceAll, searchLogs, asksLogs);
    case 'flow-run': {
      const found = await tools.ports.flowRuns.readFlowRun(subject.flowRunId, tools.options.requestTimeoutMs);
      return resultOfRun(
        found,
        found.kind === 'run' && asksLogs ? await searchLogs(found.run.batchId ?? subject.flowRunId) : null,
      );
    }
    case 'batch': {
      const found = await tools.ports.flowRuns.findFlowRunOfBatch(
        subject.batchId,
        tools.options.requestTimeoutMs,
      );
      return resultOfRun(found, asksLogs ? await searchLogs(subject.batchId) : null);
    }
  }
}

/** An id leads to claims on the routes that know events by it; the log leads from it to all others. */
async function traceId(
  { id, claimKeys, routesWithKeys }: Extract<TraceSubject, { kind: 'id' }>,
  traceAll: (claimKeys: readonly string[]) => ReturnType<typeof traceClaims>,
  searchLogs: (text: string) => Promise<TracedLogs>,
  asksLogs: boolean,
): Promise<TraceResult> {
  const traces = (await traceAll(claimKeys)).filter(({ claim }) => claim !== null);
  if (!asksLogs && traces.length > 0 && routesWithKeys.length === 0) {
    return { traces, run: null, logs: null, notes: [] };
  }
  const logs = await searchLogs(id);
  const logged = new Set(logs.lines.flatMap(({ claimKey }) => claimKey ?? []));
  const more = await traceAll([...logged].filter((claimKey) => !claimKeys.includes(claimKey)));
  const unseen = routesWithKeys.filter(
    (route) => ![...logged].some((claimKey) => claimKey.startsWith(`C#${route}#`)),
  );
  const notes =
    unseen.length === 0
      ? []
      : [
          `on ${unseen.join(', ')} an event is known by its dedupe.key: if the log has no line of it, name the key with --key`,
        ];
  return { traces: [...traces, ...more], run: null, logs, notes };
}

function resultOfRun(
  found: Awaited<ReturnType<TracePorts['flowRuns']['readFlowRun']>>,
  logs: TracedLogs | null,
): TraceResult {
  switch (found.kind) {
    case 'run':
      return { traces: [], run: found.run, logs, notes: [] };
    case 'none':
      return { traces: [], run: null, logs, notes: ['Prefect has no such flow run'] };
    case 'unavailable':
      return { traces: [], run: null, logs, notes: [`Prefect could not be asked: ${found.detail}`] };
  }
}

async function search(logs: LogSearch, text: string, sinceEpochMs: number): Promise<TracedLogs> {
  const { lines, isComplete, requests } = await logs.findLines(text, sinceEpochMs);
  return { lines: lines.flatMap((line) => parseEventLine(line) ?? []), isComplete, requests };
}

function windowsPerEvent({ routes }: CompiledConfig, name: string): number {
  const coalesce = routes.find((route) => route.name === name)?.coalesce;
  return coalesce?.mode === 'sliding' ? coalesce.sizeSeconds / coalesce.everySeconds : 1;
}
