/** Compares the table with Prefect, repairs what is safe to repair, and reports the rest. */
import { hasTimeFor } from '../deadline.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import type { Deadline } from '../ports.ts';
import type { ReconcileRequest } from './invocation-protocol.ts';
import { checkDeployments } from './check-deployments.ts';
import { addClaims, EMPTY_CLAIMS_REPORT, type ReconcileReport } from './findings.ts';
import { FlowRunLookup } from './flow-run-lookup.ts';
import { reconcilePage } from './reconcile-claims.ts';
import { withoutWrites, type ReconcilePorts } from './reconcile-ports.ts';
import { sweepWindows } from './sweep-windows.ts';

export async function reconcile(
  request: ReconcileRequest,
  config: CompiledConfig,
  allPorts: ReconcilePorts,
  deadline: Deadline,
): Promise<ReconcileReport> {
  const { scope, dryRun, startKey } = request;
  const ports = dryRun ? withoutWrites(allPorts) : allPorts;
  // Requests that continue within the table follow a first one, which looked at windows and routes.
  const isFirst = startKey === null;
  const windows = isFirst ? await sweepWindows(config, ports, deadline) : null;
  const routes = isFirst && scope === 'everything' ? await checkDeployments(config, ports) : null;
  const rest =
    scope === 'windows'
      ? { claims: null, nextKey: null }
      : await reconcileTable(request, config, ports, deadline);
  return { dryRun, routes, windows, ...rest };
}

async function reconcileTable(
  { startKey, maxPages }: ReconcileRequest,
  config: CompiledConfig,
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<Pick<ReconcileReport, 'claims' | 'nextKey'>> {
  const lookup = new FlowRunLookup(ports, { requestTimeoutMs: config.prefect.requestTimeoutMs, deadline });
  let claims = EMPTY_CLAIMS_REPORT;
  let nextKey = startKey;
  for (let pages = 1; ; pages++) {
    const page = await ports.tableScan.readPage(nextKey);
    claims = addClaims(claims, await reconcilePage(page, config, ports, lookup));
    nextKey = page.nextKey;
    const isEnough = pages === maxPages || !hasTimeFor('page', deadline);
    if (nextKey === null || isEnough) return { claims, nextKey };
  }
}
