/** Finds the windows that nobody brought to their end, and does it. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { pieces } from '../map-with-concurrency.ts';
import type { Deadline } from '../ports.ts';
import type { FlushReport } from '../executor/flush-windows.ts';
import { versionedRoutes, type VersionedRoute } from '../windows/versioned-routes.ts';
import { windowRulesOf } from '../windows/window-rules.ts';
import { windowIdOf, type Window, type WindowRef } from '../windows/window.ts';
import { addWindows, NO_WINDOWS, type WindowFinding, type WindowsReport } from './findings.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';
import { overdueWindows, placesToRead, type OverdueWindow, type SweepRoute } from './window-sweep.ts';

export type SweepPorts = Pick<
  ReconcilePorts,
  'windowIndex' | 'windowReader' | 'routeVersions' | 'windowFlusher' | 'clock'
>;

/** As many as one read of the table takes, or a little more. */
const WINDOWS_PER_LOOK = 100;
/** The events of all of them are in memory at once. */
const WINDOWS_PER_FLUSH = 10;
/** Nothing is begun with less: what is under way has to end within the invocation. */
const RESERVE_MS = 15_000;

export async function sweepWindows(
  config: CompiledConfig,
  ports: SweepPorts,
  deadline: Deadline,
): Promise<WindowsReport> {
  const sweep = new Sweep(config, ports, deadline);
  const refs: WindowRef[] = [];
  for await (const ref of ports.windowIndex.listUnclosed()) refs.push(ref);
  for (const look of looksAt(refs)) await sweep.look(look);
  return sweep.report;
}

/** Windows of a line are looked at together, since one that overlaps others is judged by them. */
function* looksAt(refs: readonly WindowRef[]): Iterable<readonly WindowRef[]> {
  let look: WindowRef[] = [];
  for (const ofSeries of Map.groupBy(refs, ({ series }) => `${series.route}#${series.keyHash}`).values()) {
    look.push(...ofSeries);
    if (look.length < WINDOWS_PER_LOOK) continue;
    yield look;
    look = [];
  }
  if (look.length > 0) yield look;
}

class Sweep {
  report: WindowsReport = NO_WINDOWS;
  readonly #config: CompiledConfig;
  readonly #ports: SweepPorts;
  readonly #deadline: Deadline;
  readonly #routes = new Map<string, SweepRoute>();

  constructor(config: CompiledConfig, ports: SweepPorts, deadline: Deadline) {
    this.#config = config;
    this.#ports = ports;
    this.#deadline = deadline;
  }

  get #shouldContinue(): boolean {
    return this.#deadline.remainingMs() > RESERVE_MS;
  }

  async look(refs: readonly WindowRef[]): Promise<void> {
    if (!this.#shouldContinue) {
      this.#add({ isComplete: false });
      return;
    }
    const { windowReader, clock } = this.#ports;
    // The list is a little behind, what is read here is not.
    const listed = await windowReader.readWindows(refs);
    const unclosed = [...listed.values()].filter(({ isClosed }) => !isClosed);
    this.#add({ unclosed: unclosed.length });
    const routes = await this.#routesOf(unclosed);
    const nowEpochMs = clock.nowEpochMs();
    const beside = await windowReader.readWindows(placesToRead(unclosed, routes, nowEpochMs));
    const windows = new Map([...listed, ...beside]);
    const overdue = overdueWindows(unclosed, windows, routes, nowEpochMs);
    for (const piece of pieces(overdue, WINDOWS_PER_FLUSH)) await this.#flush(piece);
  }

  async #flush(overdue: readonly OverdueWindow[]): Promise<void> {
    if (!this.#shouldContinue) {
      const late = overdue.map((each) => findingOf(each, undefined));
      this.#add({ overdue: late.length, findings: late, isComplete: false });
      return;
    }
    const reports = await this.#ports.windowFlusher.flushWindows(overdue.map(({ request }) => request));
    const findings = overdue.flatMap((each, index) =>
      // It was given more time after it was read.
      reports[index]?.result.kind === 'not-due' ? [] : [findingOf(each, reports[index])],
    );
    const swept = findings.filter(({ isSwept }) => isSwept).length;
    this.#add({ overdue: findings.length, swept, findings });
  }

  #add(part: Partial<WindowsReport>): void {
    this.report = addWindows(this.report, { ...NO_WINDOWS, ...part });
  }

  async #routesOf(windows: readonly Window[]): Promise<(routeVersion: string) => SweepRoute> {
    const versions = windows.map(({ routeVersion }) => routeVersion);
    const unknown = versions.filter((version) => !this.#routes.has(version));
    if (unknown.length > 0) {
      const found = await versionedRoutes(unknown, this.#config, this.#ports.routeVersions);
      for (const version of [...unknown, ...found.keys()]) {
        this.#routes.set(version, sweepRouteOf(found.get(version)));
      }
    }
    return (routeVersion) => this.#routes.get(routeVersion) ?? null;
  }
}

function sweepRouteOf(versioned: VersionedRoute | undefined): SweepRoute {
  if (versioned === undefined) return null;
  const { coalesce } = versioned.route.config;
  if (!isWindowing(coalesce)) return null;
  return { rules: windowRulesOf(coalesce), isDeployed: versioned.isDeployed };
}

function findingOf(
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
