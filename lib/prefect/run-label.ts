/**
 * The labels of every run of Sluice. Prefect responds to a create with the labels of the request that created the run
 * first, so they say which events are in it; nothing else does. Label values are scalars; their length is not limited.
 */
import type { FlowRunRecord } from '../ports.ts';
import { jsonField } from '../json/untrusted-json.ts';
import { printableText } from './sanitize-text.ts';

export type RunLabels = Readonly<Record<string, string | number | boolean>>;

const BATCH = 'sluice.batch';
const MEMBERS = 'sluice.members';
const COUNT = 'sluice.count';
const ROUTE = 'sluice.route';
const CONFIG = 'sluice.config';
const REASON = 'sluice.reason';
const DEAD = 'sluice.dead';
const TRACEPARENT = 'sluice.traceparent';
const WINDOW_KEY = 'sluice.window.key';
const WINDOW_START = 'sluice.window.start';
const WINDOW_END = 'sluice.window.end';

/** Base64url of 64 bits, so that a list of them needs no separator. */
const MEMBER_ID_LENGTH = 11;
const MEMBER_LIST = /^(?:[\w-]{11})*$/;

/** The inputs of a run's labels. */
export interface RunLabelInputs {
  readonly batchId: string;
  /** Member ids: 11 characters of base64url each. */
  readonly members: readonly string[];
  readonly route: string;
  readonly configHash: string;
  /** Why the batch was closed: its coalescing mode, or what filled it. */
  readonly flushReason: string;
  /** Set on a run that never executes: why its only member was dead-lettered, or `superseded`. */
  readonly deadCode: string | null;
  /** W3C Trace Context `traceparent` of the invocation that made the run. */
  readonly traceparent: string | null;
  readonly window: WindowSpan | null;
}

/** The window that a run's events were collected in. */
export interface WindowSpan {
  readonly key: string;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

export function runLabels(facts: RunLabelInputs): RunLabels {
  return {
    [BATCH]: facts.batchId,
    [MEMBERS]: facts.members.join(''),
    [COUNT]: facts.members.length,
    [ROUTE]: facts.route,
    [CONFIG]: facts.configHash,
    [REASON]: facts.flushReason,
    ...(facts.deadCode === null ? {} : { [DEAD]: facts.deadCode }),
    ...(facts.traceparent === null ? {} : { [TRACEPARENT]: facts.traceparent }),
    ...(facts.window === null ? {} : windowLabels(facts.window)),
  };
}

/** A key is the value of an expression over the event, so it is bounded; times are RFC 3339. */
function windowLabels({ key, startEpochMs, endEpochMs }: WindowSpan): RunLabels {
  return {
    [WINDOW_KEY]: printableText(key, MAX_KEY_LENGTH),
    [WINDOW_START]: new Date(startEpochMs).toISOString(),
    [WINDOW_END]: new Date(endEpochMs).toISOString(),
  };
}

const MAX_KEY_LENGTH = 500;

/**
 * Read the batch from the labels of a run that Prefect returned.
 * @throws {UnreadableRunError} when they do not: membership is read, never inferred from what was sent.
 */
export function batchRecordOf(flowRunId: string, unverifiedLabels: unknown, batchId: string): FlowRunRecord {
  const batch = jsonField(unverifiedLabels, BATCH);
  if (batch !== batchId) throw new UnreadableRunError(flowRunId, batchId, `${BATCH} is not this batch`);

  const memberList = jsonField(unverifiedLabels, MEMBERS);
  if (typeof memberList !== 'string' || !MEMBER_LIST.test(memberList)) {
    throw new UnreadableRunError(flowRunId, batchId, `${MEMBERS} is not a list of member ids`);
  }
  const count = memberList.length / MEMBER_ID_LENGTH;
  if (jsonField(unverifiedLabels, COUNT) !== count) {
    throw new UnreadableRunError(flowRunId, batchId, `${COUNT} is not the number of ids in ${MEMBERS}`);
  }
  const deadCode = jsonField(unverifiedLabels, DEAD) ?? null;
  if (deadCode !== null && typeof deadCode !== 'string') {
    throw new UnreadableRunError(flowRunId, batchId, `${DEAD} is not a code`);
  }
  const members = Array.from({ length: count }, (_, index) =>
    memberList.slice(index * MEMBER_ID_LENGTH, (index + 1) * MEMBER_ID_LENGTH),
  );
  return { kind: 'flow-run', batchId, flowRunId, members, deadCode };
}

/** Read which batch and which route the labels name; null for labels that Sluice did not write. */
export function batchLabelOf(unverifiedLabels: unknown): string | null {
  return textLabelOf(unverifiedLabels, BATCH);
}

export function routeLabelOf(unverifiedLabels: unknown): string | null {
  return textLabelOf(unverifiedLabels, ROUTE);
}

function textLabelOf(unverifiedLabels: unknown, name: string): string | null {
  const value = jsonField(unverifiedLabels, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The labels of a run do not say which events are in it: they were changed, or the run was created by hand. */
export class UnreadableRunError extends Error {
  override readonly name = 'UnreadableRunError';
  readonly flowRunId: string;
  readonly batchId: string;

  constructor(flowRunId: string, batchId: string, problem: string) {
    super(
      `flow run ${flowRunId} has the key of batch ${batchId}, but its labels cannot be read: ${problem}. ` +
        'They were changed, or the run was created by hand; restore them',
    );
    this.flowRunId = flowRunId;
    this.batchId = batchId;
  }
}
