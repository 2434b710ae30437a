/** Estimates what a configuration costs in a month, part by part, idle and under a load. Pure: prices are data. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { apiGatewayCost, lambdaCost, queueCost } from './compute-cost.ts';
import type { CostItem } from './cost-item.ts';
import { tableCost } from './dynamodb-cost.ts';
import { logCost } from './log-cost.ts';
import { monitoringCost, type MonitoringOptions } from './monitoring-cost.ts';
import { overflowCost, secretCost, transferCost } from './other-cost.ts';
import { sourceLoads, type Traffic } from './traffic.ts';

export interface CostInput {
  readonly config: CompiledConfig;
  readonly traffic: Traffic;
  readonly monitoring: MonitoringOptions;
}

export interface Estimate {
  readonly items: readonly CostItem[];
  readonly idleDollars: number;
  readonly loadDollars: number;
}

export function estimateCost({ config, traffic, monitoring }: CostInput): Estimate {
  const loads = sourceLoads(config, traffic);
  const items = [
    ...apiGatewayCost(loads),
    ...queueCost(config, loads),
    ...lambdaCost(config, loads),
    ...tableCost(config, loads),
    ...logCost(config, loads),
    ...monitoringCost(config, loads, monitoring),
    ...secretCost(config),
    ...overflowCost(config, loads),
    ...transferCost(config, loads),
  ];
  return {
    items,
    idleDollars: items.reduce((sum, { idleDollars }) => sum + idleDollars, 0),
    loadDollars: items.reduce((sum, { loadDollars }) => sum + loadDollars, 0),
  };
}
