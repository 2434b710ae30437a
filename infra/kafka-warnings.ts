/** Notes for deploying a Kafka source, which the CDK command line prints. */
import type { CompiledKafkaSource } from '../lib/compiled-config/compiled.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html, us-east-1 */
const USD_PER_EVENT_POLLER_UNIT_HOUR = 0.185;
const HOURS_PER_MONTH = 720;
const POLLERS_PER_EVENT_POLLER_UNIT = 10;

/** Topics of one source share their units, since their mappings are in one poller group. */
export function monthlyCostFloorUsd(topicCount: number, minPollers: number): number {
  const units = Math.ceil((topicCount * minPollers) / POLLERS_PER_EVENT_POLLER_UNIT);
  return units * HOURS_PER_MONTH * USD_PER_EVENT_POLLER_UNIT_HOUR;
}

export interface KafkaWarning {
  /** To acknowledge it by. */
  readonly id: string;
  readonly text: string;
}

export function kafkaWarnings(source: CompiledKafkaSource): readonly KafkaWarning[] {
  const { provisioned, topics } = source;
  if (provisioned === null) {
    const price = priceText(monthlyCostFloorUsd(topics.length, 1));
    return [
      {
        id: 'sluice:on-demand-pollers',
        text:
          'On-demand pollers redeliver the whole batch if one of its records has to be redelivered, because they ' +
          'support no partial failures. Each event is in exactly one flow run nevertheless: events that are ' +
          'already in a run are duplicates. provisioned: { minPollers: 1 } returns single records, from ' +
          `${price} a month. docs/kafka.md compares the two.`,
      },
      ...networkWarning(source),
    ];
  }
  const { minPollers } = provisioned;
  const price = priceText(monthlyCostFloorUsd(topics.length, minPollers));
  return [
    {
      id: 'sluice:provisioned-pollers',
      text:
        `Provisioned pollers cost at least ${price} a month (us-east-1) for ${counted(topics.length, 'topic')} with ` +
        `at least ${counted(minPollers, 'poller')} each, also while no records come in.`,
    },
  ];
}

/** In provisioned mode Lambda reaches its own services by itself. */
function networkWarning({ cluster }: CompiledKafkaSource): readonly KafkaWarning[] {
  if (cluster.kind === 'self-managed' && cluster.vpc === null) return [];
  const where = cluster.kind === 'msk' ? 'the subnets of the cluster' : 'the subnets of vpc';
  const usesSecrets =
    'secret' in cluster.auth || (cluster.kind === 'self-managed' && cluster.rootCaSecret !== null);
  const services = usesSecrets ? 'Lambda, STS and Secrets Manager' : 'Lambda and STS';
  return [
    {
      id: 'sluice:poller-network',
      text:
        `On-demand pollers have to reach ${services} from ${where}: by a NAT gateway, or by VPC endpoints. ` +
        'Without, the mapping is made and never reads a record.',
    },
  ];
}

function priceText(usd: number): string {
  return `$${usd.toFixed(2)}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
