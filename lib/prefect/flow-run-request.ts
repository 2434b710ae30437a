/** The flow runs that Sluice asks Prefect for. */
import { hash } from 'node:crypto';
import type { FlowRunRequest } from '../ports.ts';
import { deploymentIdOf, idempotencyKeyOf } from './idempotency-key.ts';
import { printableText } from './sanitize-text.ts';
import { runLabels, type WindowSpan } from './run-label.ts';

/** Prefect keeps names in a Postgres index, whose rows are limited: a name of 6,000 characters answers 503. */
const MAX_NAME_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 500;
const DIGEST_LENGTH = 12;

interface BatchRun {
  /** `<deployment reference>.<hash>`; names the deployment to run and, forever, the key. */
  readonly batchId: string;
  readonly routeName: string;
  readonly routeTags: readonly string[];
  readonly configHash: string;
  readonly timeoutMs: number;
  /** W3C Trace Context `traceparent`. Default: none. */
  readonly traceparent?: string;
}

export interface LiveRun extends BatchRun {
  readonly members: readonly string[];
  /** Why the batch was closed, for example `invocation`. */
  readonly flushReason: string;
  /** The window that the events were collected in. Default: none. */
  readonly window?: WindowSpan | null;
  /** As `renderParameters` makes it. */
  readonly parametersJson: string;
  /** Default: nothing of it is said. */
  readonly options?: LiveRunOptions;
}

/** What a run is given besides its parameters. */
export interface LiveRunOptions {
  /** Null: named after the route and the events. */
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly workQueue: string | null;
  readonly startAtEpochMs: number | null;
  readonly jobVariablesJson: string | null;
}

/** A run that no worker gets, or that nothing is said of, needs none of these. */
const NOT_PLACED = { workQueue: null, startAtEpochMs: null, jobVariablesJson: null } as const;
const NO_OPTIONS: LiveRunOptions = { ...NOT_PLACED, name: null, tags: [] };

export interface DeadRun extends BatchRun {
  readonly member: string;
  /** Stable code of why the event was dead-lettered; it is read back from the run's label. */
  readonly deadCode: string;
  /** Nothing of the event or of a secret: everybody who sees the run sees it. */
  readonly detail: string;
}

/** A run that executes with the batch's events. */
export function liveRunRequest(run: LiveRun): FlowRunRequest {
  const { members, flushReason, parametersJson, options = NO_OPTIONS } = run;
  const { workQueue, startAtEpochMs, jobVariablesJson } = options;
  const request = requestFor(run, members, flushReason, null, run.window);
  return {
    ...request,
    name: options.name ?? request.name,
    tags: [...new Set([...request.tags, ...options.tags])],
    workQueue,
    startAtEpochMs,
    jobVariablesJson,
    parametersJson,
    dead: null,
  };
}

/**
 * A run that never executes: it settles the batch's key, so that no late request can run the event that was
 * dead-lettered, and shows in Prefect why.
 */
export function deadRunRequest(run: DeadRun): FlowRunRequest {
  const message = `Dead-lettered by Sluice (${run.deadCode}): ${run.detail}`;
  return {
    ...requestFor(run, [run.member], 'dead-lettered', run.deadCode),
    ...NOT_PLACED,
    parametersJson: '{}',
    dead: { stateName: 'DeadLettered', message: printableText(message, MAX_MESSAGE_LENGTH) },
  };
}

/** Its label lists no event: a worker that finds it under the key of a batch claims the events of that batch for another. */
const SUPERSEDED = 'superseded';

/** A run that never executes and holds no event: it settles the key of a batch whose route names another deployment now. */
export function supersedingRunRequest(run: BatchRun): FlowRunRequest {
  return {
    ...requestFor(run, [], SUPERSEDED, SUPERSEDED),
    ...NOT_PLACED,
    parametersJson: '{}',
    dead: {
      stateName: 'Superseded',
      message:
        'Superseded by Sluice: the route names another deployment now, and its events are in a run of that',
    },
  };
}

function requestFor(
  run: BatchRun,
  members: readonly string[],
  flushReason: string,
  deadCode: string | null,
  window: WindowSpan | null = null,
): Omit<FlowRunRequest, keyof LiveRunOptions | 'parametersJson' | 'dead'> &
  Pick<FlowRunRequest, 'name' | 'tags'> {
  const { batchId, routeTags, configHash, timeoutMs, traceparent = null } = run;
  const route = printableText(run.routeName, MAX_NAME_LENGTH - DIGEST_LENGTH - 1);
  const tags = routeTags.map((tag) => printableText(tag, MAX_NAME_LENGTH));
  return {
    deploymentId: deploymentIdOf(batchId),
    idempotencyKey: idempotencyKeyOf(batchId),
    name: `${route}-${membersDigest(members)}`,
    labels: runLabels({ batchId, members, route, configHash, flushReason, deadCode, traceparent, window }),
    tags: [...new Set(['sluice', `route:${route}`, ...tags])],
    timeoutMs,
  };
}

/** With it in the name, one `POST /flow_runs/count` by key and name tells whether the runs are those that were sent. */
export function membersDigest(members: readonly string[]): string {
  return hash('sha256', members.join(''), 'hex').slice(0, DIGEST_LENGTH);
}
