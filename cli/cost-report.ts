/** Prints an estimate: parts, levers, assumptions. */
import type { CostItem } from '../lib/cost/cost-item.ts';
import type { Estimate } from '../lib/cost/estimate.ts';
import type { Lever } from '../lib/cost/levers.ts';

export interface CostReport extends Estimate {
  readonly file: string;
  readonly prices: { readonly date: string; readonly region: string; readonly currency: string };
  readonly levers: readonly Lever[];
  readonly assumptions: readonly string[];
  readonly notIncluded: readonly string[];
}

export function formatCostReport(report: CostReport): string {
  const { file, prices, idleDollars, loadDollars, levers } = report;
  return [
    `${file} costs about ${dollarText(loadDollars)} a month under this load, and ${dollarText(idleDollars)} idle.`,
    `List prices of ${prices.region}, ${prices.date}, in dollars, without free tiers.`,
    '',
    ...formatItems(report),
    ...(levers.length === 0 ? [] : ['', 'What lowers it, each by itself:', ...levers.map(formatLever)]),
    '',
    'Assumptions:',
    ...report.assumptions.map((text) => `  - ${text}`),
    '',
    'Not included:',
    ...report.notIncluded.map((text) => `  - ${text}`),
  ].join('\n');
}

function formatItems({ items, idleDollars, loadDollars }: Estimate): readonly string[] {
  const rows = [
    ['', '', 'idle', 'load', ''],
    ...items.map(toRow),
    ['total', '', amount(idleDollars), amount(loadDollars), ''],
  ];
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map(([service = '', item = '', idle = '', load = '', basis = '']) =>
    [service.padEnd(width(0)), item.padEnd(width(1)), idle.padStart(width(2)), load.padStart(width(3)), basis]
      .join('  ')
      .trimEnd(),
  );
}

/** The service is named in the first of its rows. */
function toRow(item: CostItem, index: number, items: readonly CostItem[]): readonly string[] {
  const isFirst = items[index - 1]?.service !== item.service;
  return [
    isFirst ? item.service : '',
    item.item,
    amount(item.idleDollars),
    amount(item.loadDollars),
    item.basis,
  ];
}

function formatLever({ change, consequence, savedDollars }: Lever): string {
  return `  saves ${dollarText(savedDollars)}: ${change} — ${consequence}`;
}

function dollarText(dollars: number): string {
  return dollars >= 100 ? `$${Math.round(dollars).toLocaleString('en-US')}` : `$${amount(dollars)}`;
}

function amount(dollars: number): string {
  return dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
