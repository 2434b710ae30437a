/** What receiving events and running the functions costs: API Gateway, SQS, Lambda and its pollers. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledKafkaSource } from '../compiled-config/compiled.ts';
import { countText, type CostItem } from './cost-item.ts';
import { FLUSH_MS_PER_WINDOW, INGEST_MS_PER_REQUEST, SWEEP_MS, triggerMs } from './measured.ts';
import { HOURS_PER_MONTH, PRICES, SECONDS_PER_MONTH, tieredPrice } from './prices.ts';
import { hasWindows, isServed, type RouteLoad, type SourceLoad } from './traffic.ts';
import { longestIntervalSeconds } from '../windows/closing-times.ts';

/** Five long polls of 20 seconds at a time: docs/deploy.md. */
const IDLE_POLLS_PER_MONTH = (5 * SECONDS_PER_MONTH) / 20;
/** SQS delivers up to ten messages for one request, and bills a request for each 64 KiB. */
const MESSAGES_PER_REQUEST = 10;
const BYTES_PER_SQS_REQUEST = 64 * 1024;
const BYTES_PER_API_REQUEST = 512 * 1024;
/** A window's timer is sent, received and deleted; beyond 15 minutes again. */
const REQUESTS_PER_TIMER = 3;
const LONGEST_TIMER_SECONDS = 900;
const FLUSHER_MEMORY_MIB = 512;
const MIB_PER_GIB = 1024;
/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html */
const POLLERS_PER_UNIT = 10;
const BYTES_PER_POLLER_SECOND = 5 * 1024 * 1024;

export function apiGatewayCost(loads: readonly SourceLoad[]): readonly CostItem[] {
  const http = loads.filter(isServed);
  if (http.length === 0) return [];
  const requests = http.reduce(
    (sum, { eventsPerMonth, eventBytes }) =>
      sum + eventsPerMonth * Math.max(1, Math.ceil(eventBytes / BYTES_PER_API_REQUEST)),
    0,
  );
  return [
    {
      service: 'API Gateway',
      item: 'requests',
      idleDollars: 0,
      loadDollars: tieredPrice(requests, PRICES.apiGateway.perHttpRequestTiers),
      basis: `${countText(requests)} requests, one for each event`,
    },
  ];
}

export function queueCost(config: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  const queues = loads.filter(({ source }) => source.type !== 'kafka').map(queueRequests);
  const timers = hasWindows(config) ? [timerRequests(loads)] : [];
  const all = [...queues, ...timers];
  if (all.length === 0) return [];
  const sum = (field: 'idleDollars' | 'loadDollars'): number =>
    all.reduce((total, each) => total + each[field], 0);
  const requests = all.reduce((total, each) => total + each.requests, 0);
  return [
    {
      service: 'SQS',
      item: timers.length > 0 ? 'queues and timers' : 'queues',
      idleDollars: sum('idleDollars'),
      loadDollars: sum('loadDollars'),
      basis: `${countText(requests)} requests; an idle queue is polled ${countText(IDLE_POLLS_PER_MONTH)} times`,
    },
  ];
}

interface QueueRequests {
  readonly requests: number;
  readonly idleDollars: number;
  readonly loadDollars: number;
}

function queueRequests({
  source,
  eventsPerMonth,
  eventsPerInvocation,
  eventBytes,
}: SourceLoad): QueueRequests {
  const isOwn = source.type !== 'sqs';
  const isFifo = source.type === 'sqs' && source.queueArn.endsWith('.fifo');
  const chunks = Math.max(1, Math.ceil(eventBytes / BYTES_PER_SQS_REQUEST));
  const sends = isOwn ? eventsPerMonth * chunks : 0;
  const together = Math.min(MESSAGES_PER_REQUEST, eventsPerInvocation);
  const receives = Math.max(IDLE_POLLS_PER_MONTH, (eventsPerMonth / together) * chunks);
  return priced(sends + receives + eventsPerMonth / together, isFifo);
}

function timerRequests(loads: readonly SourceLoad[]): QueueRequests {
  const timers = loads.flatMap(({ routes }) => routes).reduce((sum, load) => sum + timersOf(load), 0);
  return priced(IDLE_POLLS_PER_MONTH + timers * REQUESTS_PER_TIMER, false);
}

function timersOf({ route: { coalesce }, runsPerMonth }: RouteLoad): number {
  switch (coalesce.mode) {
    case 'none':
    case 'invocation':
      return 0;
    case 'window':
      return runsPerMonth * Math.max(1, Math.ceil(coalesce.maxWaitSeconds / LONGEST_TIMER_SECONDS));
    case 'clock':
      return (
        runsPerMonth *
        Math.max(1, Math.ceil(longestIntervalSeconds(coalesce.closings) / LONGEST_TIMER_SECONDS))
      );
    case 'debounce':
      // As long as events keep arriving, the timer is set again after each quiet time.
      return runsPerMonth * Math.max(1, Math.ceil(coalesce.maxWaitSeconds / coalesce.quietSeconds));
    case 'sliding':
      return runsPerMonth;
  }
}

function priced(requests: number, isFifo: boolean): QueueRequests {
  const { perFifoRequest, perStandardRequest } = PRICES.sqs;
  const price = isFifo ? perFifoRequest : perStandardRequest;
  return { requests, idleDollars: IDLE_POLLS_PER_MONTH * price, loadDollars: requests * price };
}

export function lambdaCost(config: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  const uses = [...loads.map(triggerUse), ...loads.filter(isServed).map(ingestUse), flushUse(loads)];
  const sweeps = sweepUse(config);
  const invocations = [...uses, sweeps].reduce((sum, each) => sum + each.invocations, 0);
  const gbSeconds = [...uses, sweeps].reduce((sum, each) => sum + each.gbSeconds, 0);
  return [
    {
      service: 'Lambda',
      item: 'functions',
      idleDollars: useDollars(sweeps),
      loadDollars: [...uses, sweeps].reduce((sum, each) => sum + useDollars(each), 0),
      basis: `${countText(invocations)} invocations, ${countText(gbSeconds)} GB-seconds`,
    },
    ...pollers(loads),
  ];
}

interface FunctionUse {
  readonly invocations: number;
  readonly gbSeconds: number;
}

function useDollars({ invocations, gbSeconds }: FunctionUse): number {
  return invocations * PRICES.lambda.perRequest + gbSeconds * PRICES.lambda.perArm64GbSecond;
}

function useOf(invocations: number, ms: number, memoryMiB: number): FunctionUse {
  return { invocations, gbSeconds: ((invocations * ms) / 1000) * (memoryMiB / MIB_PER_GIB) };
}

function triggerUse({ source, routes, eventsPerInvocation, invocationsPerMonth }: SourceLoad): FunctionUse {
  const { memoryMiB } = source.function;
  const runs = routes
    .filter(({ route }) => !isWindowing(route.coalesce))
    .reduce((sum, { eventsPerBatch }) => sum + eventsPerInvocation / eventsPerBatch, 0);
  const events = eventsPerInvocation * Math.max(1, routes.length);
  return useOf(invocationsPerMonth, triggerMs({ memoryMiB, events, runs }), memoryMiB);
}

/** A request that waits for its flow runs keeps its function for as long as the pipeline takes. */
function ingestUse({ source, eventsPerMonth }: SourceLoad): FunctionUse {
  const waits = source.type === 'http' && source.respond.mode === 'run';
  const ms = INGEST_MS_PER_REQUEST + (waits ? 1000 * Math.max(1, source.queue.batchWindowSeconds) : 0);
  return useOf(eventsPerMonth, ms, source.function.memoryMiB);
}

function flushUse(loads: readonly SourceLoad[]): FunctionUse {
  const windows = loads
    .flatMap(({ routes }) => routes)
    .filter(({ route }) => isWindowing(route.coalesce))
    .reduce((sum, { runsPerMonth }) => sum + runsPerMonth, 0);
  return useOf(windows, FLUSH_MS_PER_WINDOW, FLUSHER_MEMORY_MIB);
}

function sweepUse(config: CompiledConfig): FunctionUse {
  const perHour = hasWindows(config) ? 12 : 1;
  return useOf(HOURS_PER_MONTH * perHour, SWEEP_MS, FLUSHER_MEMORY_MIB);
}

function pollers(loads: readonly SourceLoad[]): readonly CostItem[] {
  const provisioned = loads.flatMap(({ source, eventBytes, eventsPerSecond }) =>
    source.type === 'kafka' && source.provisioned !== null
      ? [pollerUnits(source, source.provisioned, eventBytes * eventsPerSecond)]
      : [],
  );
  if (provisioned.length === 0) return [];
  const idle = provisioned.reduce((sum, each) => sum + each.idle, 0);
  const load = provisioned.reduce((sum, each) => sum + each.load, 0);
  const { perProvisionedPollerUnitHour } = PRICES.lambda;
  return [
    {
      service: 'Lambda',
      item: 'provisioned pollers',
      idleDollars: idle * HOURS_PER_MONTH * perProvisionedPollerUnitHour,
      loadDollars: load * HOURS_PER_MONTH * perProvisionedPollerUnitHour,
      basis: `${load} event poller unit${load === 1 ? '' : 's'}, of ten pollers each`,
    },
  ];
}

/** Mappings of one source share a poller group, and so its units. */
function pollerUnits(
  { topics }: CompiledKafkaSource,
  { minPollers, maxPollers }: { readonly minPollers: number; readonly maxPollers: number },
  bytesPerSecond: number,
): { readonly idle: number; readonly load: number } {
  const least = topics.length * minPollers;
  const needed = Math.min(topics.length * maxPollers, Math.ceil(bytesPerSecond / BYTES_PER_POLLER_SECOND));
  const units = (count: number): number => Math.ceil(count / POLLERS_PER_UNIT);
  return { idle: units(least), load: units(Math.max(least, needed)) };
}
