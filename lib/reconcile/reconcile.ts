/** Brings what the table says and what Prefect has together again: repairs what is safe, and reports the rest. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import type { Deadline } from '../ports.ts';
import type { ReconcileRequest } from './invocation-protocol.ts';
import { addClaims, NO_CLAIMS, type ReconcileReport } from './findings.ts';
import { PrefectInquiry } from './prefect-inquiry.ts';
import { reconcilePage } from './reconcile-claims.ts';
import { withoutWrites, type ReconcilePorts } from './reconcile-ports.ts';
import { sweepWindows } from './sweep-windows.ts';

/** A page is not begun with less. */
const SHORTEST_PAGE_MS = 20_000;

export async function reconcile(
  request: ReconcileRequest,
  config: CompiledConfig,
  allPorts: ReconcilePorts,
  deadline: Deadline,
): Promise<ReconcileReport> {
  const { scope, dryRun, startKey } = request;
  const ports = dryRun ? withoutWrites(allPorts) : allPorts;
  // Whoever goes on in the middle of the table has had its windows looked at.
  const windows = startKey === null ? await sweepWindows(config, ports, deadline) : null;
  const rest =
    scope === 'windows'
      ? { claims: null, nextKey: null }
      : await reconcileTable(request, config, ports, deadline);
  return { dryRun, windows, ...rest };
}

async function reconcileTable(
  { startKey, maxPages }: ReconcileRequest,
  config: CompiledConfig,
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<Pick<ReconcileReport, 'claims' | 'nextKey'>> {
  const inquiry = new PrefectInquiry(ports, { requestTimeoutMs: config.prefect.requestTimeoutMs, deadline });
  let claims = NO_CLAIMS;
  let nextKey = startKey;
  for (let pages = 1; ; pages++) {
    const page = await ports.tableScan.readPage(nextKey);
    claims = addClaims(claims, await reconcilePage(page, config, ports, inquiry));
    nextKey = page.nextKey;
    const isEnough = pages === maxPages || deadline.remainingMs() < SHORTEST_PAGE_MS;
    if (nextKey === null || isEnough) return { claims, nextKey };
  }
}
