/** The tables of docs/cost.md, which the command computes. */
import { estimateCost, type Estimate } from '../../lib/cost/estimate.ts';
import { findLevers } from '../../lib/cost/levers.ts';
import { PRICES } from '../../lib/cost/prices.ts';
import { EXAMPLE_LOADS, toCostInput } from './example-loads.ts';

const BEGIN = '<!-- computed by npm run generate -->';
const END = '<!-- end of what is computed -->';

/** Replace what is between the markers of a page. */
export function withCostTables(page: string): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start === -1 || end < start) throw new Error('docs/cost.md has no place for its tables');
  return `${page.slice(0, start)}${BEGIN}\n\n${tables()}\n\n${page.slice(end)}`;
}

function tables(): string {
  const estimates = EXAMPLE_LOADS.map((example) => estimateCost(toCostInput(example)));
  const [largest] = EXAMPLE_LOADS.toSorted((left, right) => right.eventsPerDay - left.eventsPerDay);
  if (largest === undefined) throw new Error('There are no example loads.');
  return [
    `Dollars a month; list prices of ${PRICES.region} on ${PRICES.date}, events of 1 KiB, \`coalesce: { mode: invocation }\`.`,
    '',
    row(['', ...EXAMPLE_LOADS.map(({ name }) => name)]),
    row(['---', ...EXAMPLE_LOADS.map(() => '---')]),
    ...itemNames(estimates).map((name) =>
      row([name, ...estimates.map((estimate) => dollarsOf(estimate, name))]),
    ),
    row(['**under load**', ...estimates.map(({ loadDollars }) => `**${dollars(loadDollars)}**`)]),
    row(['**idle**', ...estimates.map(({ idleDollars }) => `**${dollars(idleDollars)}**`)]),
    '',
    `What lowers the cost of ${largest.name}, each by itself:`,
    '',
    row(['saves', 'change', 'what it costs otherwise']),
    row(['---', '---', '---']),
    ...findLevers(toCostInput(largest)).map(({ savedDollars, change, consequence }) =>
      row([`$${dollars(savedDollars)}`, `\`${change}\``, consequence]),
    ),
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** In the order of the command, which is that of an event's way; every estimate keeps it. */
function itemNames(estimates: readonly Estimate[]): readonly string[] {
  const order = ['API Gateway', 'SQS', 'Lambda', 'DynamoDB', 'CloudWatch', 'Secrets Manager'];
  const names = new Set(
    estimates.flatMap(({ items }) => items.map(({ service, item }) => `${service}: ${item}`)),
  );
  const rank = (name: string): number => order.findIndex((service) => name.startsWith(service));
  return [...names].sort((left, right) => rank(left) - rank(right));
}

function dollarsOf({ items }: Estimate, name: string): string {
  const found = items.find(({ service, item }) => `${service}: ${item}` === name);
  return found === undefined ? '–' : dollars(found.loadDollars);
}

function dollars(amount: number): string {
  if (amount >= 10) return Math.round(amount).toLocaleString('en-US');
  return amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
