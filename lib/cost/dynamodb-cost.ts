/** What the table costs: claims, batch records, windows, reads, and what it stores. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledProvisionedCapacity } from '../compiled-config/compiled.ts';
import { indexCapacity } from '../compiled-config/index-capacity.ts';
import { countText, gigabytesText, type CostItem } from './cost-item.ts';
import {
  appendWriteUnits,
  claimBytes,
  recordBytes,
  recordWriteUnits,
  windowReadUnits,
  windowWriteUnits,
} from './measured.ts';
import { BYTES_PER_GB, HOURS_PER_MONTH, PRICES, SECONDS_PER_MONTH } from './prices.ts';
import { hasWindows, SECONDS_PER_DAY, type RouteLoad, type SourceLoad } from './traffic.ts';

/** `respond: run` reads claims and records until the runs are there. */
const READS_PER_WAITING_EVENT = 6;

export interface TableUnits {
  readonly claims: number;
  readonly records: number;
  readonly windows: number;
  readonly reads: number;
}

/** Units of a month. */
export function tableUnits(loads: readonly SourceLoad[]): TableUnits {
  const perSource = loads.map(unitsOfSource);
  const total = (field: keyof TableUnits): number => perSource.reduce((sum, units) => sum + units[field], 0);
  return {
    claims: total('claims'),
    records: total('records'),
    windows: total('windows'),
    reads: total('reads'),
  };
}

function unitsOfSource({ source, routes, eventBytes }: SourceLoad): TableUnits {
  const units = { claims: 0, records: 0, windows: 0, reads: 0 };
  for (const load of routes) {
    units.claims += load.eventsPerMonth;
    if (isWindowing(load.route.coalesce)) {
      const { appends, flushes, reads } = unitsOfWindows(load, eventBytes);
      units.windows += appends + flushes;
      units.reads += reads;
    } else {
      units.records += load.batchesPerMonth * recordWriteUnits(load.eventsPerBatch);
    }
    if (source.type === 'http' && source.respond.mode === 'run') {
      units.reads += load.eventsPerMonth * READS_PER_WAITING_EVENT;
    }
  }
  return units;
}

function unitsOfWindows(load: RouteLoad, eventBytes: number) {
  const bytesOfRun = load.eventsPerRun * eventBytes;
  return {
    appends: load.batchesPerMonth * appendWriteUnits(load.eventsPerBatch * eventBytes),
    // A sliding window is read for each of its runs, and its panes are dropped once.
    flushes: (load.runsPerMonth / load.runsPerEvent) * windowWriteUnits(bytesOfRun),
    reads: load.runsPerMonth * windowReadUnits(bytesOfRun),
  };
}

export function tableCost(config: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  const units = tableUnits(loads);
  const { table } = config;
  const provisioned = table.kind === 'own' ? table.provisioned : undefined;
  return [
    ...(provisioned === undefined ? onDemand(units) : capacity(provisioned, units, hasWindows(config))),
    ...storage(config, loads),
  ];
}

function onDemand({ claims, records, windows, reads }: TableUnits): readonly CostItem[] {
  const { perWriteUnit, perReadUnit } = PRICES.dynamodb;
  const item = (name: string, count: number, unit: string, price: number): CostItem => ({
    service: 'DynamoDB',
    item: name,
    idleDollars: 0,
    loadDollars: count * price,
    basis: `${countText(count)} ${unit}`,
  });
  return [
    item('claims', claims, 'write units, one for each event and route', perWriteUnit),
    ...(records === 0 && windows > 0 ? [] : [item('batch records', records, 'write units', perWriteUnit)]),
    ...(windows === 0 ? [] : [item('windows', windows, 'write units', perWriteUnit)]),
    ...(reads === 0 ? [] : [item('reads', reads, 'read units', perReadUnit)]),
  ];
}

/** Auto scaling follows the load between the limits, at the utilization that it aims for. */
function capacity(
  provisioned: CompiledProvisionedCapacity,
  units: TableUnits,
  withWindows: boolean,
): readonly CostItem[] {
  const { minWriteUnits, maxWriteUnits, minReadUnits, maxReadUnits, targetUtilization } = provisioned;
  const { perProvisionedWriteUnitHour, perProvisionedReadUnitHour } = PRICES.dynamodb;
  const writesPerSecond = (units.claims + units.records + units.windows) / SECONDS_PER_MONTH;
  const readsPerSecond = units.reads / SECONDS_PER_MONTH;
  const scaled = (perSecond: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.ceil(perSecond / targetUtilization)));
  const writeUnits = scaled(writesPerSecond, minWriteUnits, maxWriteUnits);
  const readUnits = scaled(readsPerSecond, minReadUnits, maxReadUnits);
  const index = indexCapacity(provisioned, withWindows);
  const dollars = (write: number, read: number): number =>
    HOURS_PER_MONTH *
    ((write + index.minWriteUnits) * perProvisionedWriteUnitHour +
      (read + index.minReadUnits) * perProvisionedReadUnitHour);
  return [
    {
      service: 'DynamoDB',
      item: 'provisioned capacity',
      idleDollars: dollars(minWriteUnits, minReadUnits),
      loadDollars: dollars(writeUnits, readUnits),
      basis:
        `${countText(writeUnits)} write and ${countText(readUnits)} read units, for ` +
        `${countText(writesPerSecond)} writes a second` +
        (writesPerSecond > maxWriteUnits ? ', more than maxWriteUnits allows' : ''),
    },
  ];
}

/** In the long run: as many claims and records as arrive while they are kept. */
function storage({ table }: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  const gigabytes = loads.flatMap(({ routes }) => routes).reduce((sum, load) => sum + storedBytes(load), 0);
  const stored = gigabytes / BYTES_PER_GB;
  const { perStoredGbMonth, perPointInTimeRecoveryGbMonth } = PRICES.dynamodb;
  const hasBackups = table.kind === 'existing' || table.pointInTimeRecovery;
  const item = (name: string, price: number): CostItem => ({
    service: 'DynamoDB',
    item: name,
    idleDollars: 0,
    loadDollars: stored * price,
    basis: gigabytesText(stored),
  });
  return [
    item('storage', perStoredGbMonth),
    ...(hasBackups ? [item('point-in-time recovery', perPointInTimeRecoveryGbMonth)] : []),
  ];
}

function storedBytes({ route, eventsPerMonth, batchesPerMonth, eventsPerBatch }: RouteLoad): number {
  const shareOfMonth = route.dedupe.retentionSeconds / SECONDS_PER_MONTH;
  const records = isWindowing(route.coalesce) ? 0 : batchesPerMonth * recordBytes(eventsPerBatch);
  // DynamoDB deletes expired items within about a day.
  const share = shareOfMonth + SECONDS_PER_DAY / SECONDS_PER_MONTH;
  return (eventsPerMonth * claimBytes(route.name) + records) * share;
}
