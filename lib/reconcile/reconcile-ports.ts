/**
 * What a reconciliation needs of the world, reads and writes apart: a dry run is the same work over ports whose writes
 * are left out, not a second way through the code.
 */
import type { FlowRunRecord, BatchRecordStore, Claim, ClaimStore, Clock, FlowRunClient } from '../ports.ts';
import type { Unavailable } from '../prefect/classify-response.ts';
import type { FlushReport, FlushRequest } from '../executor/flush-windows.ts';
import type { RouteVersionStore, WindowIndex, WindowReader } from '../windows/window-ports.ts';

export interface ReconcilePorts extends InquiryPorts {
  readonly windowIndex: WindowIndex;
  readonly windowReader: Pick<WindowReader, 'readWindows'>;
  readonly routeVersions: Pick<RouteVersionStore, 'readVersion'>;
  readonly windowFlusher: WindowFlusher;
  readonly tableScan: TableScan;
  readonly claims: Pick<ClaimStore, 'readClaims'>;
  readonly records: Pick<BatchRecordStore, 'readRecords'>;
  readonly recordWriter: Pick<BatchRecordStore, 'writeRecords'>;
  readonly clock: Clock;
}

/** Prefect, asked about runs and never for one. */
export interface InquiryPorts {
  readonly flowRunFinder: Pick<FlowRunClient, 'findFlowRun'>;
  readonly flowRunCounter: FlowRunCounter;
}

export interface FlowRunCounter {
  /** How many runs have one of these idempotency keys. */
  countFlowRuns(idempotencyKeys: readonly string[], timeoutMs: number): Promise<CountAnswer>;
}

export type CountAnswer = { readonly kind: 'count'; readonly count: number } | Unavailable;

export interface WindowFlusher {
  /** A report for every request, in their order, as `flushWindows` has it. */
  flushWindows(requests: readonly FlushRequest[]): Promise<readonly FlushReport[]>;
}

/** The table from end to end, page by page. Eventually consistent: a list of what to look at, no more. */
export interface TableScan {
  /** Claims and the records of runs behind this key; null: from the beginning. Throws when it could not be read. */
  readPage(startKey: string | null): Promise<TablePage>;
}

export interface TablePage {
  readonly claims: readonly Claim[];
  readonly records: readonly FlowRunRecord[];
  /** Where the next page begins; null: this was the last. */
  readonly nextKey: string | null;
}

/** The same reads, and writes that do nothing. */
export function withoutWrites(ports: ReconcilePorts): ReconcilePorts {
  return { ...ports, windowFlusher: LEAVES_WINDOWS, recordWriter: WRITES_NOTHING };
}

const LEAVES_WINDOWS: WindowFlusher = {
  flushWindows: (requests) =>
    Promise.resolve(
      requests.map((request) => ({
        request,
        result: { kind: 'retry', detail: 'a dry run flushes nothing' },
      })),
    ),
};

const WRITES_NOTHING: Pick<BatchRecordStore, 'writeRecords'> = { writeRecords: () => Promise.resolve() };
