/** A pipeline in memory, and what reconciles what it left. */
import { reconcile } from '../../../lib/reconcile/reconcile.ts';
import type { ReconcileRequest } from '../../../lib/reconcile/invocation-protocol.ts';
import { addReports, type ReconcileReport } from '../../../lib/reconcile/findings.ts';
import type { ReconcilePorts } from '../../../lib/reconcile/reconcile-ports.ts';
import { flushWindows } from '../../../lib/executor/flush-windows.ts';
import { InMemoryTableScan } from '../fakes/in-memory-table-scan.ts';
import { PipelineParts, PLENTY_OF_TIME } from './pipeline-parts.ts';

export class ReconcileParts extends PipelineParts {
  itemsPerPage = 100;
  deadline = PLENTY_OF_TIME;

  get reconcilePorts(): ReconcilePorts {
    const { claims, records, windows, prefect, config, ports, flushingPorts: flushing } = this;
    const { installation } = this;
    const terms = {
      installation,
      configHash: config.hash,
      requestTimeoutMs: 1_000,
      deadline: PLENTY_OF_TIME,
    };
    return {
      windowIndex: windows,
      windowReader: windows,
      routeVersions: windows,
      windowFlusher: { flushWindows: (requests) => flushWindows(requests, this.config, flushing, terms) },
      deployments: prefect,
      tableScan: new InMemoryTableScan(claims, records, this.itemsPerPage),
      claims,
      records,
      recordWriter: records,
      flowRunFinder: prefect,
      flowRunCounter: prefect,
      clock: ports.clock,
    };
  }

  /** Part by part, as the command does it. */
  async reconcile(request: Partial<ReconcileRequest> = {}): Promise<ReconcileReport> {
    let whole: ReconcileReport | null = null;
    for (let startKey: string | null = null; ;) {
      const part: ReconcileReport = await reconcile(
        { scope: 'everything', dryRun: false, maxPages: 1, ...request, startKey },
        this.config,
        this.reconcilePorts,
        this.deadline,
      );
      whole = whole === null ? part : addReports(whole, part);
      if (part.nextKey === null) return whole;
      startKey = part.nextKey;
    }
  }

  /** All that is in the table and in Prefect. */
  get everything(): string {
    const { claims, records, windows, prefect, timers, deadLetters } = this;
    const maps = [claims.claims, records.records, records.chunks, windows.heads, windows.windows];
    return JSON.stringify([
      ...maps.map((map) => [...map]),
      prefect.flowRuns,
      timers.timers,
      deadLetters.messages,
    ]);
  }
}
