/** Runs dead letters through the pipeline of their source again, under the configuration that is deployed now. */
import type { ReceivedRecord } from '../event/record.ts';
import type { EventOutcome, Outcome } from '../outcome.ts';
import { planPipeline, runPipeline, type Pipeline } from '../pipeline.ts';
import type { Deadline } from '../ports.ts';
import type {
  RedriveResultKind,
  RedriveResult,
  RedriveResponse,
  RedriveRequest,
} from './invocation-protocol.ts';
import { isObject } from '../json/untrusted-json.ts';
import { parseDeadLetter, type ParsedDeadLetter } from '../dead-letters/parse-dead-letter.ts';

export interface RedriveExecution {
  readonly response: RedriveResponse;
  /** The outcomes of the pipeline, for its report. Empty in mode `plan`. */
  readonly outcomes: readonly EventOutcome[];
}

export async function redriveDeadLetters(
  { mode, deadLetters }: RedriveRequest,
  pipeline: Pipeline,
  deadline: Deadline,
): Promise<RedriveExecution> {
  const parsed = deadLetters.map((deadLetter) => parseForSource(deadLetter, pipeline.source.name));
  const records = parsed.flatMap((each) => (each.kind === 'record' ? [each.record] : []));
  if (mode === 'run') {
    const outcomes = await runPipeline(records, pipeline, deadline);
    return { response: { results: toResults(parsed, outcomes), plannedRuns: {} }, outcomes };
  }
  const { batches, concluded } = await planPipeline(records, pipeline, deadline);
  const planned = batches.flatMap(({ route, events }) =>
    events.flatMap((first): ConcludedRecord[] =>
      [first, ...first.repeats].map(({ record }) => ({
        record,
        outcome: { kind: 'planned', route: route.config.name },
      })),
    ),
  );
  const runs = Map.groupBy(
    batches.filter(({ destination }) => destination === 'run'),
    ({ route }) => route.config.name,
  );
  const plannedRuns = Object.fromEntries([...runs].map(([route, ofRoute]) => [route, ofRoute.length]));
  return { response: { results: toResults(parsed, [...planned, ...concluded]), plannedRuns }, outcomes: [] };
}

interface ConcludedRecord {
  readonly record: ReceivedRecord;
  readonly outcome: Outcome | { readonly kind: 'planned'; readonly route: string };
}

function parseForSource(deadLetter: unknown, sourceName: string): ParsedDeadLetter {
  const source = isObject(deadLetter) ? deadLetter['source'] : undefined;
  if (source === sourceName) return parseDeadLetter(deadLetter);
  return {
    kind: 'rejected',
    detail: "This dead letter belongs to another source; redrive it through that source's function.",
  };
}

function toResults(
  parsed: readonly ParsedDeadLetter[],
  concluded: readonly ConcludedRecord[],
): readonly RedriveResult[] {
  const byRecord = Map.groupBy(concluded, ({ record }) => record);
  return parsed.map((each): RedriveResult => {
    if (each.kind === 'rejected') return { ...INVALID, detail: each.detail };
    return toResult((byRecord.get(each.record) ?? []).map(({ outcome }) => outcome));
  });
}

const INVALID: RedriveResult = { kind: 'invalid', route: null, code: null, detail: null, flowRunIds: [] };

/** Ordered by the attention that a result needs: a dead letter is settled only when all of its outcomes are. */
const KINDS_BY_PRIORITY = [
  'retry',
  'planned',
  'dead-lettered',
  'created',
  'held',
  'duplicate',
  'no-route',
] as const;

function toResult(outcomes: readonly ConcludedRecord['outcome'][]): RedriveResult {
  const kind = KINDS_BY_PRIORITY.find((each) => outcomes.some((outcome) => toResultKind(outcome) === each));
  const decisive = outcomes.find((outcome) => toResultKind(outcome) === kind);
  if (kind === undefined || decisive === undefined) {
    const detail = 'internal error: no outcome for this record';
    return { kind: 'retry', route: null, code: 'machinery-broke', detail, flowRunIds: [] };
  }
  return {
    kind,
    route: 'route' in decisive ? (decisive.route ?? null) : null,
    code: 'code' in decisive ? decisive.code : null,
    detail: 'detail' in decisive ? decisive.detail : null,
    flowRunIds: [...new Set(outcomes.flatMap(getFlowRunIds))],
  };
}

function toResultKind({ kind }: ConcludedRecord['outcome']): Exclude<RedriveResultKind, 'invalid'> {
  return kind === 'filtered' ? 'no-route' : kind;
}

function getFlowRunIds(outcome: ConcludedRecord['outcome']): readonly string[] {
  return 'flowRunId' in outcome ? [outcome.flowRunId] : [];
}
