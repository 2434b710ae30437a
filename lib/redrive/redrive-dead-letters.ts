/** Dead letters through the pipeline of their source again, under what is deployed now. */
import type { ReceivedRecord } from '../event/record.ts';
import type { EventOutcome, Outcome } from '../outcome.ts';
import { planPipeline, runPipeline, type Pipeline } from '../pipeline.ts';
import type { Deadline } from '../ports.ts';
import type { FateKind, LetterFate, RedriveAnswer, RedriveRequest } from './invocation-protocol.ts';
import { isObject } from '../json/untrusted-json.ts';
import { readLetterRecord, type LetterReading } from '../dead-letters/dead-letter-record.ts';

export interface Redriving {
  readonly answer: RedriveAnswer;
  /** Of the pipeline, for its report; none in mode `plan`. */
  readonly outcomes: readonly EventOutcome[];
}

export async function redriveLetters(
  { mode, letters }: RedriveRequest,
  pipeline: Pipeline,
  deadline: Deadline,
): Promise<Redriving> {
  const readings = letters.map((letter) => readLetter(letter, pipeline.source.name));
  const records = readings.flatMap((reading) => (reading.kind === 'record' ? [reading.record] : []));
  if (mode === 'run') {
    const outcomes = await runPipeline(records, pipeline, deadline);
    return { answer: { fates: fatesOf(readings, outcomes), plannedRuns: {} }, outcomes };
  }
  const { batches, concluded } = await planPipeline(records, pipeline, deadline);
  const planned = batches.flatMap(({ route, events }) =>
    events.flatMap((first): Concluded[] =>
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
  const plannedRuns = Object.fromEntries([...runs].map(([route, of]) => [route, of.length]));
  return { answer: { fates: fatesOf(readings, [...planned, ...concluded]), plannedRuns }, outcomes: [] };
}

interface Concluded {
  readonly record: ReceivedRecord;
  readonly outcome: Outcome | { readonly kind: 'planned'; readonly route: string };
}

function readLetter(letter: unknown, sourceName: string): LetterReading {
  const named = isObject(letter) ? letter['source'] : undefined;
  if (named === sourceName) return readLetterRecord(letter);
  return {
    kind: 'rejected',
    detail: 'The letter is of another source: redrive it by the function of that one.',
  };
}

function fatesOf(readings: readonly LetterReading[], concluded: readonly Concluded[]): readonly LetterFate[] {
  const byRecord = Map.groupBy(concluded, ({ record }) => record);
  return readings.map((reading): LetterFate => {
    if (reading.kind === 'rejected') return { ...UNREADABLE, detail: reading.detail };
    return fateOf((byRecord.get(reading.record) ?? []).map(({ outcome }) => outcome));
  });
}

const UNREADABLE: LetterFate = { kind: 'unreadable', route: null, code: null, detail: null, flowRunIds: [] };

/** What must not be overlooked comes first: a letter is settled only when all of it is. */
const BY_ATTENTION = [
  'retry',
  'planned',
  'dead-lettered',
  'created',
  'held',
  'duplicate',
  'unwanted',
] as const;

function fateOf(outcomes: readonly Concluded['outcome'][]): LetterFate {
  const kind = BY_ATTENTION.find((each) => outcomes.some((outcome) => fateKindOf(outcome) === each));
  const decisive = outcomes.find((outcome) => fateKindOf(outcome) === kind);
  if (kind === undefined || decisive === undefined) {
    const detail = 'the pipeline said nothing of it';
    return { kind: 'retry', route: null, code: 'internal-error', detail, flowRunIds: [] };
  }
  return {
    kind,
    route: 'route' in decisive ? (decisive.route ?? null) : null,
    code: 'code' in decisive ? decisive.code : null,
    detail: 'detail' in decisive ? decisive.detail : null,
    flowRunIds: [...new Set(outcomes.flatMap(flowRunIdsOf))],
  };
}

function fateKindOf({ kind }: Concluded['outcome']): Exclude<FateKind, 'unreadable'> {
  return kind === 'filtered' ? 'unwanted' : kind;
}

function flowRunIdsOf(outcome: Concluded['outcome']): readonly string[] {
  return 'flowRunId' in outcome ? [outcome.flowRunId] : [];
}
