/** Ports of a trace: it reads by keys only, and changes nothing. */
import type { BatchRecordStore, ClaimStore, FlowRunResult } from '../ports.ts';
import type { WindowReader } from '../windows/window-ports.ts';

export interface TracePorts {
  readonly claims: Pick<ClaimStore, 'readClaims'>;
  readonly records: Pick<BatchRecordStore, 'readRecords'>;
  readonly windows: Pick<WindowReader, 'readWindows'>;
  readonly flowRuns: FlowRunInspector;
}

/** A flow run as people see it in Prefect. */
export interface FlowRunFacts {
  readonly flowRunId: string;
  readonly name: string;
  /** Null for a run that Sluice did not create. */
  readonly batchId: string | null;
  readonly route: string | null;
  /** Member ids, as its labels have them. */
  readonly members: readonly string[];
  /** For example `COMPLETED`, and the name that people see, for example `Late`. */
  readonly stateType: string;
  readonly stateName: string;
  readonly stateMessage: string | null;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export type InspectedFlowRun =
  | { readonly kind: 'run'; readonly run: FlowRunFacts }
  | { readonly kind: 'none' }
  | Extract<FlowRunResult, { kind: 'unavailable' }>;

export interface FlowRunInspector {
  readFlowRun(flowRunId: string, timeoutMs: number): Promise<InspectedFlowRun>;
  /** The run of a batch, whatever flow or deployment it belongs to. */
  findFlowRunOfBatch(batchId: string, timeoutMs: number): Promise<InspectedFlowRun>;
}
