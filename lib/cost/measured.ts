/**
 * What an event takes, measured: test/lib/cost/measured.test.ts holds these figures to docs/performance.md and to the
 * log lines that the functions write. Those that only an account could measure are marked as assumed.
 */

/** Processor time of the pipeline, which docs/performance.md has for batches of 10, 100 and 1,000. */
export const CPU_MS_PER_INVOCATION = 2.2;
export const CPU_MS_PER_EVENT = 0.07;

/** Lambda gives a function one processor at this memory, and a share of one below it. */
const MIB_PER_PROCESSOR = 1769;

/** Assumed: requests to DynamoDB before and after the one to Prefect, and Prefect's own time. */
const DYNAMODB_MS_PER_INVOCATION = 20;
const PREFECT_MS_PER_ROUND = 60;
/** Runs that one invocation creates at the same time. */
const RUNS_PER_ROUND = 10;

/** Assumed: verification, decoding, and one request to SQS. */
export const INGEST_MS_PER_REQUEST = 20;
/** Assumed: a flush reads the window, creates its runs and marks it. */
export const FLUSH_MS_PER_WINDOW = 200;
/** Assumed: a sweep that finds nothing. */
export const SWEEP_MS = 200;

/** Duration of an invocation of a trigger, of which waiting takes no processor time. */
export function triggerMs(load: {
  readonly memoryMiB: number;
  readonly events: number;
  readonly runs: number;
}): number {
  const cpuMs = CPU_MS_PER_INVOCATION + CPU_MS_PER_EVENT * load.events;
  const waitingMs =
    DYNAMODB_MS_PER_INVOCATION + PREFECT_MS_PER_ROUND * Math.max(1, Math.ceil(load.runs / RUNS_PER_ROUND));
  return cpuMs * Math.max(1, MIB_PER_PROCESSOR / load.memoryMiB) + waitingMs;
}

/** The line `event` of an event that became part of a flow run, with names and ids of usual lengths. */
export const OUTCOME_LINE_BYTES = 432;
/** The line `request` of an HTTP source. */
export const REQUEST_LINE_BYTES = 420;
/** A line of the access log of API Gateway. */
export const ACCESS_LINE_BYTES = 280;
/** The line `window` of the function that flushes windows. */
export const WINDOW_LINE_BYTES = 420;
/** Metrics are log lines as well: one for each invocation, and one for each route and outcome in it. */
export const METRICS_LINE_BYTES = 375;
export const ROUTE_METRICS_LINE_BYTES = 290;
/** Lambda's own START, END and REPORT. */
export const PLATFORM_LINES_BYTES = 380;
/** Assumed: CloudWatch stores logs compressed. */
export const STORED_LOG_SHARE = 0.15;

/** Every item takes 100 bytes more than its names and values. */
const ITEM_OVERHEAD_BYTES = 100;
/** A claim: names and values of docs/protocol.md, with a batch id of 66 characters. */
const CLAIM_BYTES_WITHOUT_ROUTE = 135;
const RECORD_BYTES_WITHOUT_MEMBERS = 135;
const MEMBER_BYTES = 8;
const BYTES_PER_WRITE_UNIT = 1024;

export function claimBytes(route: string): number {
  return CLAIM_BYTES_WITHOUT_ROUTE + route.length + ITEM_OVERHEAD_BYTES;
}

export function recordBytes(members: number): number {
  return RECORD_BYTES_WITHOUT_MEMBERS + MEMBER_BYTES * members + ITEM_OVERHEAD_BYTES;
}

/** A write takes a unit for each KiB of the item, without the overhead that is billed for storage only. */
export function recordWriteUnits(members: number): number {
  return Math.ceil((RECORD_BYTES_WITHOUT_MEMBERS + MEMBER_BYTES * members) / BYTES_PER_WRITE_UNIT);
}

/** Assumed: events in a window are stored compressed. */
const COMPRESSED_SHARE = 1 / 3;

/** An append is a transaction, which takes two units for each KiB: of the data, the window, and its page. */
export function appendWriteUnits(eventBytes: number): number {
  return 2 * Math.max(1, Math.ceil((eventBytes * COMPRESSED_SHARE) / BYTES_PER_WRITE_UNIT)) + 2 + 2;
}

/** To seal a window, to lock it for a flush, to mark it, its series, two writes of the index, and to drop its data. */
export function windowWriteUnits(eventBytes: number): number {
  return 6 + Math.ceil((eventBytes * COMPRESSED_SHARE) / BYTES_PER_WRITE_UNIT);
}

/** A consistent read takes a unit for each 4 KiB. */
export function windowReadUnits(eventBytes: number): number {
  return 2 + Math.ceil((eventBytes * COMPRESSED_SHARE) / (4 * BYTES_PER_WRITE_UNIT));
}

/** Parameters are JSON inside JSON: a sixth more than the events. */
export const PARAMETER_BYTES_SHARE = 7 / 6;
/** Headers and labels of a request to Prefect, and its response. */
export const PREFECT_REQUEST_BYTES = 2500;
/** What Prefect takes; larger parameters are in S3, where the route allows it. */
export const MAX_PARAMETER_BYTES = 524_288;
