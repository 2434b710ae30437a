/** Say what became of an event on a route, in sentences: first the answer, then what sending it again would do. */
import type { ClaimTrace, Fate, RunOfBatch } from './trace.ts';

/** What the sentences of one trace are made of. */
export interface TraceDescription {
  readonly route: string;
  readonly answers: readonly string[];
  readonly sendingAgain: string;
  /** Facts with their times, oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly what: string;
  /** Where the fact is from. */
  readonly from: 'table' | 'prefect';
}

export function describeTrace({ route, claim, fates }: ClaimTrace): TraceDescription {
  const expiresAt = claim === null ? null : rfc3339(claim.expiresAtEpochSeconds * 1_000);
  return {
    route,
    answers: fates.map(answerOf),
    sendingAgain: sendingAgain(fates, expiresAt),
    timeline: fates
      .flatMap(timelineOf)
      .toSorted(({ at: one }, { at: other }) => Date.parse(one) - Date.parse(other)),
  };
}

function answerOf(fate: Fate): string {
  switch (fate.kind) {
    case 'unknown':
      return 'is not known here: it has not arrived, was filtered or dead-lettered before it was claimed, or its claim has expired';
    case 'in-run':
      return `is in ${runText(fate.run)}, ${sharingText(fate.batch.members)}`;
    case 'dead':
      return `is dead-lettered with the code ${fate.code}: ${runText(fate.run)} only marks that${reasonText(fate.run)}; correct the cause, then use sluice redrive`;
    case 'waiting':
      return fate.window === null
        ? 'waits for a later window that covers it, too'
        : `waits in a window with ${eventsText(fate.window.count)}, until ${rfc3339(fate.window.dueEpochMs)} if no more come, at the latest until ${rfc3339(fate.window.deadlineEpochMs)}`;
    case 'flushing':
      return `is in a window that was closed (${fate.window.reason ?? 'time'}), and whose flow run is not recorded yet: it is being created, or the next sweep creates it`;
    case 'window-gone':
      return `was in the window ${fate.windowId}, which is flushed, and of which nothing is kept any more`;
    case 'left-out':
      return `was left out of batch ${fate.batchId}, whose events are settled without it: its next delivery puts it into another batch`;
    case 'claimed':
      return claimedText(fate);
  }
}

function claimedText({ isBeingCreated, prefect }: Extract<Fate, { kind: 'claimed' }>): string {
  if (prefect === 'unavailable') {
    return 'is claimed, and its flow run is not recorded yet; Prefect could not be asked whether there is one';
  }
  return isBeingCreated
    ? 'is claimed, and its flow run is being created'
    : 'is claimed and has no flow run yet: its creation failed, and the next delivery by the source repeats it';
}

function runText({ flowRunId, facts, missing }: RunOfBatch): string {
  if (facts !== null) return `flow run ${facts.name} (${flowRunId}), ${facts.stateName}`;
  return missing === 'none'
    ? `flow run ${flowRunId}, which Prefect no longer has`
    : `flow run ${flowRunId}, about which Prefect could not be asked`;
}

function reasonText({ facts }: RunOfBatch): string {
  const message = facts?.stateMessage ?? null;
  return message === null ? '' : ` (${message})`;
}

function sharingText(members: number): string {
  return members === 1 ? 'alone' : `in a batch of ${members}`;
}

function eventsText(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}

function sendingAgain(fates: readonly Fate[], expiresAt: string | null): string {
  const [first] = fates;
  switch (first?.kind) {
    case 'in-run':
    case 'waiting':
    case 'flushing':
    case 'window-gone':
      return `Sent again before ${expiresAt ?? 'its claim expires'} it is a duplicate; after that it is a new event.`;
    case 'dead':
      return `Sent again before ${expiresAt ?? 'its claim expires'} it is a duplicate of a dead event, and gets no flow run: use sluice redrive.`;
    case 'left-out':
    case 'claimed':
      return 'Sent again it becomes part of a flow run, once.';
    case 'unknown':
    case undefined:
      return 'Sent again it is a new event.';
  }
}

function timelineOf(fate: Fate): readonly TimelineEntry[] {
  switch (fate.kind) {
    case 'in-run':
    case 'dead':
      return runTimeline(fate.run);
    case 'waiting':
    case 'flushing': {
      const { window } = fate;
      if (window === null) return [];
      const sealed = window.sealedAtEpochMs;
      return [
        { at: rfc3339(window.openedAtEpochMs), what: 'its window was opened', from: 'table' },
        ...(sealed === null
          ? []
          : [{ at: rfc3339(sealed), what: 'its window was closed', from: 'table' } as const]),
      ];
    }
    case 'unknown':
    case 'window-gone':
    case 'left-out':
    case 'claimed':
      return [];
  }
}

function runTimeline({ facts }: RunOfBatch): readonly TimelineEntry[] {
  if (facts === null) return [];
  const { createdAt, startedAt, endedAt, stateName } = facts;
  return [
    { at: createdAt, what: 'the flow run was created', from: 'prefect' },
    ...(startedAt === null ? [] : [{ at: startedAt, what: 'it started', from: 'prefect' } as const]),
    ...(endedAt === null ? [] : [{ at: endedAt, what: `it ended: ${stateName}`, from: 'prefect' } as const]),
  ];
}

function rfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
