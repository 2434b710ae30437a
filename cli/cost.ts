/** `sluice cost`: estimates what a configuration costs, without AWS and without deploying anything. */
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import { suggestOrList } from '../lib/config/issues/suggestion.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { describeAssumptions, describeExclusions } from '../lib/cost/assumptions.ts';
import { estimateCost, type CostInput } from '../lib/cost/estimate.ts';
import { findLevers } from '../lib/cost/levers.ts';
import { PRICES } from '../lib/cost/prices.ts';
import type { SourceTraffic, Traffic } from '../lib/cost/traffic.ts';
import type { NamedShare, NamedTraffic } from './arguments.ts';
import { readConfigFile } from './config-file.ts';
import { formatCostReport, type CostReport } from './cost-report.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export interface CostOptions {
  readonly eventsPerDay: number;
  /** In bytes. */
  readonly eventSize: number;
  readonly source: readonly NamedTraffic[];
  readonly match: readonly NamedShare[];
  readonly eventsPerRun?: number;
  readonly alarms: boolean;
  readonly dashboard: boolean;
  readonly json: boolean;
}

export function cost(file: string, options: CostOptions): CommandResult {
  const read = readConfigFile(file);
  if (!read.ok) return unusable(read.message);
  const result = loadConfigText(read.text, file);
  if (!result.ok) {
    return { exitCode: EXIT_CODE.problems, output: '', errorOutput: reportProblems(allProblems(result)) };
  }
  const unknown = unknownNames(result.config, options);
  if (unknown.length > 0) {
    return unusable(unknown.join('\n'));
  }
  const report = toReport(file, {
    config: result.config,
    traffic: toTraffic(result.config, options),
    monitoring: { alarms: options.alarms, dashboard: options.dashboard },
  });
  const output = options.json ? JSON.stringify(report, null, 2) : formatCostReport(report);
  return { exitCode: EXIT_CODE.success, output, errorOutput: '' };
}

function toReport(file: string, input: CostInput): CostReport {
  const { date, region, currency } = PRICES;
  return {
    file,
    prices: { date, region, currency },
    ...estimateCost(input),
    levers: findLevers(input),
    assumptions: describeAssumptions(input),
    notIncluded: describeExclusions(input),
  };
}

/** A figure for a source or route that does not exist would silently have no effect. */
function unknownNames(
  { sources, routes }: CompiledConfig,
  { source, match }: CostOptions,
): readonly string[] {
  const sourceNames = Object.keys(sources);
  const routeNames = routes.map(({ name }) => name);
  return [
    ...source
      .filter(({ name }) => !sourceNames.includes(name))
      .map(({ name }) => `--source ${name}: unknown — ${suggestOrList(name, sourceNames, 'sources')}`),
    ...match
      .filter(({ name }) => !routeNames.includes(name))
      .map(({ name }) => `--match ${name}: unknown — ${suggestOrList(name, routeNames, 'routes')}`),
  ];
}

/** Share the events a day among the sources that have no figure of their own; a retired source receives none. */
export function toTraffic(
  { sources }: CompiledConfig,
  options: Pick<CostOptions, 'eventsPerDay' | 'eventSize' | 'source' | 'match' | 'eventsPerRun'>,
): Traffic {
  const { eventsPerDay, eventSize, source: named, match, eventsPerRun = null } = options;
  const receiving = Object.values(sources).filter((source) => !('retired' in source && source.retired));
  const others = receiving.filter(({ name }) => !named.some((each) => each.name === name));
  return {
    sources: Object.fromEntries(
      receiving.map(({ name }): [string, SourceTraffic] => {
        const own = named.findLast((each) => each.name === name);
        return [
          name,
          {
            eventsPerDay: own?.eventsPerDay ?? eventsPerDay / others.length,
            eventBytes: own?.eventBytes ?? eventSize,
          },
        ];
      }),
    ),
    matchingShares: Object.fromEntries(match.map(({ name, share }) => [name, share])),
    eventsPerRun,
  };
}
