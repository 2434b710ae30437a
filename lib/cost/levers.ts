/** Changes that lower the cost of a load, each priced by estimating the changed configuration, the largest first. */
import type { CompiledConfig, CompiledKafkaSource, CompiledRoute } from '../compiled-config/compiled.ts';
import { tableUnits } from './dynamodb-cost.ts';
import { estimateCost, type CostInput } from './estimate.ts';
import { SECONDS_PER_MONTH } from './prices.ts';
import { SECONDS_PER_DAY, sourceLoads } from './traffic.ts';

export interface Lever {
  /** What to write into the configuration, or how to deploy. */
  readonly change: string;
  /** What is given up for it. */
  readonly consequence: string;
  readonly savedDollars: number;
}

interface Change extends Omit<Lever, 'savedDollars'> {
  readonly input: CostInput;
}

/** Below this a change is not worth reading about. */
const LEAST_DOLLARS = 0.05;
const TARGET_UTILIZATION = 0.7;
/** Kafka's default of seven days, and one more. */
const TOPIC_CLAIM_RETENTION_SECONDS = 8 * SECONDS_PER_DAY;
const LONG_BATCH_WINDOW_SECONDS = 10;

export function findLevers(input: CostInput): readonly Lever[] {
  const { loadDollars } = estimateCost(input);
  return CHANGES.flatMap((propose) => propose(input) ?? [])
    .map(({ change, consequence, input: changed }) => ({
      change,
      consequence,
      savedDollars: loadDollars - estimateCost(changed).loadDollars,
    }))
    .filter(({ savedDollars }) => savedDollars >= LEAST_DOLLARS)
    .sort((left, right) => right.savedDollars - left.savedDollars);
}

type Propose = (input: CostInput) => Change | null;

const CHANGES: readonly Propose[] = [
  provisionTable,
  sampleLogLines,
  batchRuns,
  gatherLonger,
  keepClaimsShorter,
  dropBackups,
  pollOnDemand,
  dropAlarms,
  dropDashboard,
];

function withConfig(input: CostInput, changed: Partial<CompiledConfig>): CostInput {
  return { ...input, config: { ...input.config, ...changed } };
}

function provisionTable(input: CostInput): Change | null {
  const { config, traffic } = input;
  const { table } = config;
  if (table.kind === 'existing' || table.provisioned !== undefined) return null;
  const { claims, records, windows, reads } = tableUnits(sourceLoads(config, traffic));
  const needed = (units: number): number =>
    Math.max(1, Math.ceil(units / SECONDS_PER_MONTH / TARGET_UTILIZATION));
  const minWriteUnits = needed(claims + records + windows);
  const minReadUnits = needed(reads);
  const maxWriteUnits = 2 * minWriteUnits;
  const provisioned = {
    minWriteUnits,
    maxWriteUnits,
    minReadUnits,
    maxReadUnits: 1000,
    targetUtilization: TARGET_UTILIZATION,
  };
  return {
    change: `table: { provisioned: { minWriteUnits: ${minWriteUnits}, maxWriteUnits: ${maxWriteUnits} } }`,
    consequence:
      'for a load that is steady over the day; it is paid for when nothing happens, and peaks beyond it are retried',
    input: withConfig(input, { table: { ...table, provisioned } }),
  };
}

function sampleLogLines(input: CostInput): Change | null {
  const { logs } = input.config;
  if (logs.outcomes.kind !== 'all') return null;
  return {
    change: 'logs: { outcomes: { sampled: 1% } }',
    consequence:
      'the log says of 1% of the events what became of them; retries, dead letters and refused requests stay',
    input: withConfig(input, { logs: { ...logs, outcomes: { kind: 'sampled', share: 0.01 } } }),
  };
}

function batchRuns(input: CostInput): Change | null {
  const { routes } = input.config;
  const single = routes.filter(({ coalesce }) => coalesce.mode === 'none');
  if (single.length === 0) return null;
  return {
    change: `coalesce: { mode: invocation } on ${namesOf(single)}`,
    consequence: 'events that arrive together share a flow run, which takes a list',
    input: withConfig(input, { routes: routes.map(toInvocation) }),
  };
}

function toInvocation(route: CompiledRoute): CompiledRoute {
  if (route.coalesce.mode !== 'none') return route;
  return { ...route, coalesce: { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400 * 1024 } };
}

function gatherLonger(input: CostInput): Change | null {
  const { config, traffic } = input;
  const hurried = sourceLoads(config, traffic).filter(
    ({ source, eventsPerInvocation, eventsPerMonth }) =>
      source.type !== 'kafka' &&
      !(source.type === 'sqs' && source.queueArn.endsWith('.fifo')) &&
      !(source.type === 'http' && source.respond.mode === 'run') &&
      eventsPerMonth > 0 &&
      eventsPerInvocation < source.queue.batchSize &&
      source.queue.batchWindowSeconds < LONG_BATCH_WINDOW_SECONDS,
  );
  if (hurried.length === 0) return null;
  const names = hurried.map(({ source }) => source.name);
  const sources = Object.fromEntries(
    Object.entries(config.sources).map(([name, source]) => [
      name,
      source.type !== 'kafka' && names.includes(name)
        ? {
            ...source,
            queue: {
              ...source.queue,
              batchSize: Math.max(100, source.queue.batchSize),
              batchWindowSeconds: LONG_BATCH_WINDOW_SECONDS,
            },
          }
        : source,
    ]),
  );
  return {
    change: `queue: { batchWindow: ${LONG_BATCH_WINDOW_SECONDS}s } on ${names.join(', ')}`,
    consequence: `events wait up to ${LONG_BATCH_WINDOW_SECONDS} seconds for others before they are processed`,
    input: withConfig(input, { sources }),
  };
}

function keepClaimsShorter(input: CostInput): Change | null {
  const { config } = input;
  const isLong = ({ from, dedupe }: CompiledRoute): boolean =>
    dedupe.retentionSeconds > TOPIC_CLAIM_RETENTION_SECONDS &&
    from.every((name) => config.sources[name]?.type === 'kafka');
  const long = config.routes.filter(isLong);
  if (long.length === 0) return null;
  return {
    change: `dedupe: { retention: 8d } on ${namesOf(long)}`,
    consequence: 'where topics keep records for no longer than seven days',
    input: withConfig(input, {
      routes: config.routes.map((route) =>
        isLong(route)
          ? { ...route, dedupe: { ...route.dedupe, retentionSeconds: TOPIC_CLAIM_RETENTION_SECONDS } }
          : route,
      ),
    }),
  };
}

function dropBackups(input: CostInput): Change | null {
  const { table } = input.config;
  if (table.kind === 'existing' || !table.pointInTimeRecovery) return null;
  return {
    change: 'table: { pointInTimeRecovery: false }',
    consequence: 'claims and open windows of a table that was damaged cannot be restored',
    input: withConfig(input, { table: { ...table, pointInTimeRecovery: false } }),
  };
}

function pollOnDemand(input: CostInput): Change | null {
  const { sources } = input.config;
  const provisioned = Object.values(sources).filter(
    (source): source is CompiledKafkaSource => source.type === 'kafka' && source.provisioned !== null,
  );
  if (provisioned.length === 0) return null;
  const onDemand = Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      name,
      source.type === 'kafka' ? { ...source, provisioned: null } : source,
    ]),
  );
  return {
    change: `no provisioned on ${provisioned.map(({ name }) => name).join(', ')}`,
    consequence: 'pollers scale within minutes, and a failed record is redelivered with its whole batch',
    input: withConfig(input, { sources: onDemand }),
  };
}

function dropAlarms(input: CostInput): Change | null {
  if (!input.monitoring.alarms) return null;
  return {
    change: 'cdk deploy -c alarms=false',
    consequence: 'nothing notifies you when events stop becoming flow runs',
    input: { ...input, monitoring: { ...input.monitoring, alarms: false } },
  };
}

function dropDashboard(input: CostInput): Change | null {
  if (!input.monitoring.dashboard) return null;
  return {
    change: 'cdk deploy -c dashboard=false',
    consequence: 'the graphs have to be put together in the console; the metrics stay',
    input: { ...input, monitoring: { ...input.monitoring, dashboard: false } },
  };
}

function namesOf(routes: readonly CompiledRoute[]): string {
  return routes.map(({ name }) => name).join(', ');
}
