/** The tables that the demo prints at the end: one row for each event, and one for each dead letter. */
import type { DeadLetter } from './dead-letters.ts';
import type { EventOutcome } from './event-outcomes.ts';
import type { FlowRun } from './flow-runs.ts';
import { TOPIC_SOURCE, type SendResult } from './send.ts';
import { textTable } from './text-table.ts';

type RefusedEvent = Extract<SendResult, { kind: 'refused' }>;

export function eventTable(
  outcomes: readonly EventOutcome[],
  refused: readonly RefusedEvent[],
  runs: readonly FlowRun[],
): string {
  return textTable(
    ['event', 'id', 'source', 'outcome', 'batch', 'flow run', 'state'],
    [
      ...outcomes.map((outcome) => outcomeRow(outcome, runs)),
      ...refused.map(({ caption, source, status, code }) => [
        ...[caption, '', source, `refused: ${String(status)} ${code}`],
        ...['', '', ''],
      ]),
    ],
  );
}

function outcomeRow({ accepted, outcome }: EventOutcome, runs: readonly FlowRun[]): readonly string[] {
  const run = runs.find(({ flowRunId }) => flowRunId === outcome?.flowRunId);
  const reason = outcome?.code ?? outcome?.reason;
  return [
    accepted.caption,
    // The position of a record is more useful than the event id that is derived from it.
    accepted.source === TOPIC_SOURCE ? accepted.id : shorten(outcome?.eventId ?? accepted.id),
    accepted.source,
    `${outcome?.outcome ?? 'LOST'}${reason === undefined ? '' : `: ${reason}`}`,
    // The name of the run already contains the deployment, which is the first part of the batch id.
    shorten(outcome?.batchId?.split('.')[1] ?? ''),
    run?.name ?? '',
    run?.stateName ?? '',
  ];
}

export function deadLetterTable(deadLetters: readonly DeadLetter[]): string {
  return textTable(
    ['record', 'source', 'code', 'detail'],
    deadLetters.map(({ record, source, code, detail }) => [shorten(record.id), source, code, detail]),
  );
}

/** Keep the table narrow enough for a terminal. */
function shorten(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 11)}…`;
}
