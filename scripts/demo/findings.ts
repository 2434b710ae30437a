/** What the demo shows in the end: one row for each event, then the dead letters. */
import type { DeadLetter } from './dead-letters.ts';
import type { Fate } from './fates.ts';
import type { FlowRun } from './flow-runs.ts';
import { TOPIC_SOURCE, type Answer } from './sending.ts';
import { textTable } from './text-table.ts';

type RefusedEvent = Extract<Answer, { kind: 'refused' }>;

export function eventTable(
  fates: readonly Fate[],
  refused: readonly RefusedEvent[],
  runs: readonly FlowRun[],
): string {
  return textTable(
    ['event', 'id', 'source', 'outcome', 'batch', 'flow run', 'state'],
    [
      ...fates.map((fate) => fateRow(fate, runs)),
      ...refused.map(({ caption, source, status, code }) => [
        ...[caption, '', source, `refused: ${String(status)} ${code}`],
        ...['', '', ''],
      ]),
    ],
  );
}

function fateRow({ accepted, outcome }: Fate, runs: readonly FlowRun[]): readonly string[] {
  const run = runs.find(({ flowRunId }) => flowRunId === outcome?.flowRunId);
  const reason = outcome?.code ?? outcome?.reason;
  return [
    accepted.caption,
    // Where a record lies says more than the id that was made from it.
    accepted.source === TOPIC_SOURCE ? accepted.id : shortened(outcome?.eventId ?? accepted.id),
    accepted.source,
    `${outcome?.outcome ?? 'LOST'}${reason === undefined ? '' : `: ${reason}`}`,
    // The part behind the deployment, which is in the name of the run already.
    shortened(outcome?.batchId?.split('.')[1] ?? ''),
    run?.name ?? '',
    run?.stateName ?? '',
  ];
}

export function deadLetterTable(letters: readonly DeadLetter[]): string {
  return textTable(
    ['record', 'source', 'code', 'detail'],
    letters.map(({ record, source, code, detail }) => [shortened(record.id), source, code, detail]),
  );
}

function shortened(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 11)}…`;
}
