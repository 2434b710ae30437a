/**
 * The ports of a reconciliation (see `lib/ports.ts`), reads and writes apart: a dry run is the same work over ports whose
 * writes do nothing, not a second path through the code.
 */
import type {
  BatchRecordStore,
  Claim,
  ClaimStore,
  Clock,
  DeploymentDirectory,
  FlowRunClient,
  FlowRunRecord,
} from '../ports.ts';
import type { Unavailable } from '../prefect/classify-response.ts';
import type { FlushReport, FlushRequest } from '../executor/flush-windows.ts';
import type { RouteVersionStore, WindowIndex, WindowReader } from '../windows/window-ports.ts';

export interface ReconcilePorts extends FlowRunLookupPorts {
  readonly windowIndex: WindowIndex;
  readonly windowReader: Pick<WindowReader, 'readWindows'>;
  readonly routeVersions: Pick<RouteVersionStore, 'readVersion'>;
  readonly windowFlusher: WindowFlusher;
  readonly deployments: Pick<DeploymentDirectory, 'resolveDeployment'>;
  readonly tableScan: TableScan;
  readonly claims: Pick<ClaimStore, 'readClaims'>;
  readonly records: Pick<BatchRecordStore, 'readRecords'>;
  readonly recordWriter: Pick<BatchRecordStore, 'writeRecords'>;
  readonly clock: Clock;
}

/** Reads flow runs in Prefect and never creates one. */
export interface FlowRunLookupPorts {
  readonly flowRunFinder: Pick<FlowRunClient, 'findFlowRun'>;
  readonly flowRunCounter: FlowRunCounter;
}

export interface FlowRunCounter {
  /** Count the runs that have one of these idempotency keys. */
  countFlowRuns(idempotencyKeys: readonly string[], timeoutMs: number): Promise<CountResult>;
  /** Count the deployments that have one of these ids. */
  countDeployments(deploymentIds: readonly string[], timeoutMs: number): Promise<CountResult>;
}

export type CountResult = { readonly kind: 'count'; readonly count: number } | Unavailable;

export interface WindowFlusher {
  /** Resolve with a report for each request, in their order, as `flushWindows` does. */
  flushWindows(requests: readonly FlushRequest[]): Promise<readonly FlushReport[]>;
}

/** Reads the whole table page by page. Eventually consistent: it lists what to look at, and proves nothing. */
export interface TableScan {
  /** Read claims and the records of runs after this key, or from the beginning if it is null. Throws if the table cannot be read. */
  readPage(startKey: string | null): Promise<TablePage>;
}

export interface TablePage {
  readonly claims: readonly Claim[];
  readonly records: readonly FlowRunRecord[];
  /** The key after which the next page begins; null after the last page. */
  readonly nextKey: string | null;
}

/** Return the same reads with writes that do nothing. */
export function withoutWrites(ports: ReconcilePorts): ReconcilePorts {
  return { ...ports, windowFlusher: NO_FLUSHES, recordWriter: NO_WRITES };
}

const NO_FLUSHES: WindowFlusher = {
  flushWindows: (requests) =>
    Promise.resolve(
      requests.map((request) => ({
        request,
        result: { kind: 'retry', detail: 'a dry run flushes nothing' },
      })),
    ),
};

const NO_WRITES: Pick<BatchRecordStore, 'writeRecords'> = {
  writeRecords: (records) => Promise.resolve(new Set(records.map(({ batchId }) => batchId))),
};
