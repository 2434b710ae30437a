/** The alarms of the topics of a Kafka source: whether Lambda reads them, and fast enough. */
import { ComparisonOperator, Metric, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { addAlarm, FIVE_MINUTES, METRICS_PER_ALARM, sumOf, type AlarmContext } from './alarm-rule.ts';
import type { Backlog, DeployedSource } from './source.ts';

type TopicsBacklog = Extract<Backlog, { kind: 'topics' }>;

/** A consumer that keeps up has a batch for each of some partitions in flight. */
const LAG_IN_BATCHES = 10;

export function addTopicAlarms(
  scope: Construct,
  source: DeployedSource,
  backlog: TopicsBacklog,
  context: AlarmContext,
): void {
  addLagAlarm(scope, source, backlog, context);
  addPollingAlarm(scope, source, backlog, context);
}

function addLagAlarm(
  scope: Construct,
  { sourceName, trigger }: DeployedSource,
  { batchSize }: TopicsBacklog,
  context: AlarmContext,
): void {
  addAlarm(scope, context, {
    question: 'ConsumerLag',
    subject: sourceName,
    // The metric is reported for each topic under the name of the one function, so the worst topic is the maximum.
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, "Performance metrics"
    metric: trigger.function.metric('OffsetLag', { period: FIVE_MINUTES, statistic: 'max' }),
    threshold: LAG_IN_BATCHES * batchSize,
    evaluationPeriods: 3,
    description:
      `Source ${sourceName}: for 15 minutes a topic has been at least ${LAG_IN_BATCHES} batches behind, so records ` +
      'come in faster than they become flow runs, or a partition is stuck. If EventsRetrying is in ALARM as well, ' +
      'handle that. Otherwise give the topic more partitions, raise batchSize, or use provisioned pollers. Records ' +
      'are lost when they wait longer than the topic keeps them.',
  });
}

/**
 * Lambda says that it cannot read a topic in the state of the mapping only. Provisioned pollers count their errors;
 * on-demand pollers stop reporting the lag.
 */
function addPollingAlarm(
  scope: Construct,
  { sourceName, trigger }: DeployedSource,
  { mappingIds, reportsPartialFailures }: TopicsBacklog,
  context: AlarmContext,
): void {
  const description =
    `Source ${sourceName}: Lambda does not read its topics. Run \`aws lambda list-event-source-mappings ` +
    `--function-name ${trigger.function.functionName}\`: State, StateTransitionReason and LastProcessingResult say ` +
    'why. Usually it is the network of the pollers, the secret or its KMS key, an ACL, or the consumer group. Records ' +
    'are lost when they wait longer than the topic keeps them.';
  if (!reportsPartialFailures) {
    addAlarm(scope, context, {
      question: 'PollingStopped',
      subject: sourceName,
      metric: trigger.function.metric('OffsetLag', { period: FIVE_MINUTES, statistic: 'n' }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 6,
      treatMissingData: TreatMissingData.BREACHING,
      description,
    });
    return;
  }
  for (let first = 0; first < mappingIds.length; first += METRICS_PER_ALARM) {
    addAlarm(scope, context, {
      question: 'PollingStopped',
      subject: sourceName,
      part: first / METRICS_PER_ALARM + 1,
      metric: sumOf(mappingIds.slice(first, first + METRICS_PER_ALARM).map(pollingErrors)),
      evaluationPeriods: 3,
      description,
    });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, "Event source mapping metrics" */
function pollingErrors(mappingId: string): IMetric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'PollingErrorCount',
    dimensionsMap: { EventSourceMappingUUID: mappingId },
    period: FIVE_MINUTES,
    statistic: 'sum',
  });
}
