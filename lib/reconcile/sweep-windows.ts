/** Window sweep: finds unfinished windows and finishes them. */
import { hasTimeFor } from '../deadline.ts';
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { pieces } from '../map-with-concurrency.ts';
import type { Deadline } from '../ports.ts';
import type { FlushReport } from '../executor/flush-windows.ts';
import { VersionedRoutes, type VersionedRoute } from '../windows/versioned-routes.ts';
import { windowRulesOf } from '../windows/window-rules.ts';
import { windowIdOf, type Window, type WindowRef } from '../windows/window.ts';
import { addWindows, EMPTY_WINDOWS_REPORT, type WindowFinding, type WindowsReport } from './findings.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';
import { overdueWindows, refsToRead, type OverdueWindow, type SweepRoute } from './window-sweep.ts';

export type SweepPorts = Pick<
  ReconcilePorts,
  'windowIndex' | 'windowReader' | 'routeVersions' | 'windowFlusher' | 'clock'
>;

/** About as many as one read of the table returns. */
const WINDOWS_PER_READ = 100;
/** The events of all of these windows are in memory at once. */
const WINDOWS_PER_FLUSH = 10;

export async function sweepWindows(
  config: CompiledConfig,
  ports: SweepPorts,
  deadline: Deadline,
): Promise<WindowsReport> {
  const sweep = new Sweep(config, ports, deadline);
  const refs: WindowRef[] = [];
  for await (const ref of ports.windowIndex.listUnclosed()) refs.push(ref);
  for (const group of groupBySeries(refs)) await sweep.sweep(group);
  return sweep.report;
}

/** Group windows such that all of a series are together, since overlapping windows are judged by each other. */
function* groupBySeries(refs: readonly WindowRef[]): Iterable<readonly WindowRef[]> {
  let group: WindowRef[] = [];
  for (const ofSeries of Map.groupBy(refs, ({ series }) => `${series.route}#${series.keyHash}`).values()) {
    group.push(...ofSeries);
    if (group.length < WINDOWS_PER_READ) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

class Sweep {
  report: WindowsReport = EMPTY_WINDOWS_REPORT;
  readonly #ports: SweepPorts;
  readonly #deadline: Deadline;
  readonly #routes: VersionedRoutes;

  constructor(config: CompiledConfig, ports: SweepPorts, deadline: Deadline) {
    this.#routes = new VersionedRoutes(config, ports.routeVersions);
    this.#ports = ports;
    this.#deadline = deadline;
  }

  get #shouldContinue(): boolean {
    return hasTimeFor('sweep', this.#deadline);
  }

  async sweep(refs: readonly WindowRef[]): Promise<void> {
    if (!this.#shouldContinue) {
      this.#add({ isComplete: false });
      return;
    }
    const { windowReader, clock } = this.#ports;
    // The list is eventually consistent; this read is consistent.
    const listed = await windowReader.readWindows(refs);
    const unclosed = [...listed.values()].filter(({ isClosed }) => !isClosed);
    this.#add({ unclosed: unclosed.length });
    const routes = await this.#readRoutes(unclosed);
    const nowEpochMs = clock.nowEpochMs();
    const beside = await windowReader.readWindows(refsToRead(unclosed, routes, nowEpochMs));
    const windows = new Map([...listed, ...beside]);
    const overdue = overdueWindows(unclosed, windows, routes, nowEpochMs);
    for (const piece of pieces(overdue, WINDOWS_PER_FLUSH)) await this.#flush(piece);
  }

  async #flush(overdue: readonly OverdueWindow[]): Promise<void> {
    if (!this.#shouldContinue) {
      const late = overdue.map((each) => toFinding(each, undefined));
      this.#add({ overdue: late.length, findings: late, isComplete: false });
      return;
    }
    const reports = await this.#ports.windowFlusher.flushWindows(overdue.map(({ request }) => request));
    const findings = overdue.flatMap((each, index) =>
      // Its due time moved after it was read.
      reports[index]?.result.kind === 'not-due' ? [] : [toFinding(each, reports[index])],
    );
    const swept = findings.filter(({ isSwept }) => isSwept).length;
    this.#add({ overdue: findings.length, swept, findings });
  }

  #add(part: Partial<WindowsReport>): void {
    this.report = addWindows(this.report, { ...EMPTY_WINDOWS_REPORT, ...part });
  }

  async #readRoutes(windows: readonly Window[]): Promise<(routeVersion: string) => SweepRoute> {
    const versions = new Set(windows.map(({ routeVersion }) => routeVersion));
    const routes = new Map<string, SweepRoute>();
    for (const version of versions) routes.set(version, toSweepRoute(await this.#routes.find(version)));
    return (routeVersion) => routes.get(routeVersion) ?? null;
  }
}

function toSweepRoute(versioned: VersionedRoute | null): SweepRoute {
  if (versioned === null) return null;
  const { coalesce } = versioned.route.config;
  if (!isWindowing(coalesce)) return null;
  return { rules: windowRulesOf(coalesce), isDeployed: versioned.isDeployed };
}

function toFinding(
  { request, reason, sinceEpochMs }: OverdueWindow,
  report: FlushReport | undefined,
): WindowFinding {
  const windowId = windowIdOf(request.ref);
  const common = { kind: reason, windowId, sinceEpochMs };
  const result = report?.result;
  switch (result?.kind) {
    case 'done':
      return { ...common, isSwept: true, detail: null, flowRunIds: [] };
    case 'flushed': {
      const settlements = [...result.settlements.values()];
      const runIds = settlements.flatMap((each) => ('flowRunId' in each ? [each.flowRunId] : []));
      return { ...common, isSwept: true, detail: null, flowRunIds: [...new Set(runIds)] };
    }
    case 'retry':
      return { ...common, isSwept: false, detail: result.detail, flowRunIds: [] };
    case 'not-due':
    case undefined:
      return { ...common, isSwept: false, detail: 'the invocation ran out of time', flowRunIds: [] };
  }
}
