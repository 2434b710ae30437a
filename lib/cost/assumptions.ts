/** States what an estimate rests on, and what it leaves out: a figure without them cannot be checked. */
import type { CostInput } from './estimate.ts';
import { countText, gigabytesText } from './cost-item.ts';
import { describeOmittedLogLines, percentText } from './omitted-log-lines.ts';
import { isPrefectCloud, prefectGigabytes } from './other-cost.ts';
import { DAYS_PER_MONTH, PRICES } from './prices.ts';
import { sourceLoads, type SourceLoad } from './traffic.ts';

export function describeAssumptions({ config, traffic }: CostInput): readonly string[] {
  const loads = sourceLoads(config, traffic);
  const omitted = describeOmittedLogLines(config.logs);
  const matching = Object.entries(traffic.matchingShares);
  return [
    `A month has ${DAYS_PER_MONTH} days, and the load is even over the day.`,
    ...loads.map(describeLoad),
    matching.length === 0
      ? 'Every event matches each route of its source (--match).'
      : `Events match each route of their source, except for ${matching.map(([name, share]) => `${percentText(share)} on ${name}`).join(', ')}.`,
    traffic.eventsPerRun === null
      ? 'All events of a route have the same coalesce.key; with more keys, runs hold fewer events (--events-per-run).'
      : `A flow run holds up to ${countText(traffic.eventsPerRun)} events.`,
    'No event is a duplicate, redelivered or dead-lettered.',
    'Write units, processor time and log bytes of an event are measured (docs/performance.md). The time of a request to Prefect (60 ms) and to AWS (20 ms) is assumed.',
    'Claims are stored for as long as they are kept: the figure is reached after that time.',
    ...(omitted === null ? [] : [omitted]),
  ];
}

function describeLoad({
  source,
  eventsPerSecond,
  eventBytes,
  eventsPerInvocation,
  routes,
}: SourceLoad): string {
  const perDay = countText(eventsPerSecond * 86_400);
  const runs = routes
    .map(({ route, eventsPerRun }) => `${decimal(eventsPerRun)} in a run of ${route.name}`)
    .join(', ');
  return (
    `Source ${source.name}: ${perDay} events a day of ${countText(eventBytes)} bytes, ` +
    `${decimal(eventsPerInvocation)} in an invocation${runs === '' ? '' : `, ${runs}`}.`
  );
}

function decimal(number: number): string {
  return Number(number.toPrecision(3)).toLocaleString('en-US');
}

export function describeExclusions({ config, traffic }: CostInput): readonly string[] {
  const gigabytes = prefectGigabytes(sourceLoads(config, traffic));
  const { perGbToInternet } = PRICES.dataTransfer;
  return [
    'Free tiers, taxes, and prices of other regions.',
    'What is yours: Prefect and its workers, the Kafka cluster, sending to queues and buses of yours, a VPC with its NAT gateway or endpoints.',
    ...(isPrefectCloud(config)
      ? []
      : [
          `Data transfer, if the Prefect server is outside the region: ${gigabytesText(gigabytes)} at $${perGbToInternet} a GB to the internet.`,
        ]),
  ];
}
