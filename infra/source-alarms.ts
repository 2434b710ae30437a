/** The alarms of one source: what an operator asks about its events, its queue or topics, and its functions. */
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { addAlarm, FIVE_MINUTES, sumOf, type AlarmContext } from './alarm-rule.ts';
import { addTopicAlarms } from './kafka-alarms.ts';
import type { Backlog, DeployedSource } from './source.ts';

type QueueBacklog = Extract<Backlog, { kind: 'queue' }>;

/** An event that is delivered again later than that is late at its first failure. */
const LATE_AFTER = Duration.minutes(10);
/** So many events without one that reached a route are a filter that lets nothing through, and no coincidence. */
const FILTERED_EVENTS = 10;
/** So many refused requests, and no accepted one, are a wrong secret, and no stranger who tries the address. */
const REFUSED_REQUESTS = 3;
const ONE_HOUR = Duration.hours(1);

export class SourceAlarms extends Construct {
  constructor(scope: Construct, source: DeployedSource, context: AlarmContext) {
    super(scope, source.sourceName);
    addDeadLetterAlarm(this, source, context);
    addRetryAlarm(this, source, context);
    addErrorAlarm(this, source, context);
    addFilterAlarm(this, source, context);
    addRefusalAlarm(this, source, context);
    addSilenceAlarm(this, source, context);
    switch (source.backlog.kind) {
      case 'queue':
        addAgeAlarm(this, source, source.backlog, context);
        break;
      case 'topics':
        addTopicAlarms(this, source, source.backlog, context);
        break;
    }
  }
}

export function addDeadLetterAlarm(
  scope: Construct,
  { sourceName, deadLetters }: Pick<DeployedSource, 'sourceName' | 'deadLetters'>,
  context: AlarmContext,
): void {
  const { queue } = deadLetters;
  addAlarm(scope, context, {
    question: 'DeadLetters',
    subject: sourceName,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'max' }),
    // SQS stops reporting a queue that nothing has used for six hours; the dead letters are still in it.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    treatMissingData: TreatMissingData.IGNORE,
    description:
      `Source ${sourceName}: events that cannot become flow runs are in the dead-letter queue ${queue.queueUrl}. They ` +
      'are deleted 14 days after they were first received. `sluice redrive` lists which events, at what stage and why. ' +
      'Fix the cause, then redrive them with `sluice redrive --yes`.',
  });
}

/**
 * On a standard queue this is the only alarm that fires while Prefect is down: a message that was received three times
 * leaves `ApproximateAgeOfOldestMessage`, and failures of single messages are not `Errors` of the function.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function addRetryAlarm(scope: Construct, source: DeployedSource, context: AlarmContext): void {
  const { sourceName, trigger, backlog } = source;
  const isLateAtOnce = backlog.kind === 'queue' && isLongerThan(backlog.redeliveryDelay, LATE_AFTER);
  const until =
    backlog.kind === 'queue'
      ? "until the queue's receive count or retention is used up"
      : 'as long as the topic keeps its records';
  addAlarm(scope, context, {
    question: 'EventsRetrying',
    subject: sourceName,
    metric: trigger.metric('EventsRetried', { period: FIVE_MINUTES, statistic: 'sum' }),
    // One failure that the next delivery repairs is nothing to be woken for, unless that comes late.
    ...(isLateAtOnce ? {} : { evaluationPeriods: 3, datapointsToAlarm: 2 }),
    description:
      `Source ${sourceName}: events do not become flow runs and are delivered again. Look in the log of ` +
      `${trigger.function.functionName} for the outcome "retry" and its code: usually Prefect cannot be reached, ` +
      `refuses the credentials, or the deployment does not exist. Nothing is lost ${until}.`,
  });
}

/** A queue that nothing reads: the mapping is disabled, may not read it, or may not decrypt its messages. */
function addAgeAlarm(
  scope: Construct,
  { sourceName }: DeployedSource,
  { queue, redeliveryDelay, longestDelay = Duration.seconds(0) }: QueueBacklog,
  context: AlarmContext,
): void {
  addAlarm(scope, context, {
    question: 'OldestMessage',
    subject: sourceName,
    metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' }),
    // Before the third delivery, with which a message leaves this metric, and after the second.
    threshold: Math.max(900, Math.round(1.5 * redeliveryDelay.toSeconds())) + longestDelay.toSeconds(),
    description:
      `Source ${sourceName}: messages wait in ${queue.queueName} for too long. If EventsRetrying is in ALARM as well, ` +
      'handle that. Otherwise nothing reads the queue: check the event source mapping of its function, the throttles, ' +
      'and whether the role may read the queue and use its KMS key (`kmsKey`).',
  });
}

function addErrorAlarm(scope: Construct, source: DeployedSource, context: AlarmContext): void {
  const { sourceName, backlog, trigger, ingest } = source;
  const functions = [trigger, ...(ingest === undefined ? [] : [ingest])].map((each) => each.function);
  const names = functions.map(({ functionName }) => functionName).join(' or ');
  const failsOnPurpose = backlog.kind === 'topics' && !backlog.reportsPartialFailures;
  addAlarm(scope, context, {
    question: 'Errors',
    subject: sourceName,
    metric: sumOf(functions.map((fn) => fn.metricErrors({ period: FIVE_MINUTES }))),
    description: failsOnPurpose
      ? `Source ${sourceName}: function ${names} failed. On-demand pollers deliver a batch again only then, so it ` +
        'fails on purpose while events have to be retried: see EventsRetrying. If that is OK, it is an internal ' +
        'error: read the log for lines of level ERROR and for "Task timed out".'
      : `Source ${sourceName}: function ${names} crashed or timed out. Bad events and a Prefect outage never cause ` +
        'that, so it is an internal error: read the log for lines of level ERROR and for "Task timed out". What was ' +
        'in flight is delivered again.',
  });
}

function addFilterAlarm(
  scope: Construct,
  { sourceName, trigger }: DeployedSource,
  context: AlarmContext,
): void {
  if (trigger.handler === 'window-flush') return;
  addAlarm(scope, context, {
    question: 'EverythingFiltered',
    subject: sourceName,
    metric: new MathExpression({
      expression: `IF(filtered >= ${FILTERED_EVENTS} AND routed < 1, 1, 0)`,
      usingMetrics: {
        filtered: trigger.metric('EventsFiltered', { period: ONE_HOUR, statistic: 'sum' }),
        routed: trigger.metric('EventsRouted', { period: ONE_HOUR, statistic: 'sum' }),
      },
      label: 'Everything is filtered',
      period: ONE_HOUR,
    }),
    description:
      `Source ${sourceName}: for an hour no event matched any route, so none became a flow run. Compare \`when\` of its ` +
      'routes with the type and the data that the events really have. Filtered events are acknowledged and gone: send ' +
      'them again after the fix.',
  });
}

function addRefusalAlarm(
  scope: Construct,
  { sourceName, ingest }: DeployedSource,
  context: AlarmContext,
): void {
  if (ingest === undefined) return;
  addAlarm(scope, context, {
    question: 'SendersRefused',
    subject: sourceName,
    metric: new MathExpression({
      expression: `IF(refused >= ${REFUSED_REQUESTS} AND accepted < 1, 1, 0)`,
      usingMetrics: {
        refused: ingest.metric('RequestsUnauthorized', { period: ONE_HOUR, statistic: 'sum' }),
        accepted: ingest.metric('EventsAccepted', { period: ONE_HOUR, statistic: 'sum' }),
      },
      label: 'All senders are refused',
      period: ONE_HOUR,
    }),
    description:
      `Source ${sourceName}: for an hour requests were answered 401 or 403, and none was accepted. The log of ` +
      `${ingest.function.functionName} has the code of each. Usually the secret in Secrets Manager is not the one ` +
      'that the sender signs with, or the clock of the sender is wrong. Many senders do not send again.',
  });
}

/** Only the user knows how often events come, so this alarm is made where the configuration says it. */
function addSilenceAlarm(scope: Construct, source: DeployedSource, context: AlarmContext): void {
  const { sourceName, trigger, expectEventsEvery } = source;
  if (expectEventsEvery === undefined) return;
  // CloudWatch looks back a day, or seven days with periods of an hour or more.
  const period = isLongerThan(expectEventsEvery, Duration.days(1)) ? ONE_HOUR : FIVE_MINUTES;
  addAlarm(scope, context, {
    question: 'NoEvents',
    subject: sourceName,
    metric: trigger.function.metricInvocations({ period }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: Math.ceil(expectEventsEvery.toSeconds() / period.toSeconds()),
    treatMissingData: TreatMissingData.BREACHING,
    description:
      `Source ${sourceName}: no event has arrived for ${expectEventsEvery.toHumanString()} (expectEventsEvery). Check ` +
      'the sender first, then whether its requests are refused (SendersRefused), and whether the queue or topic still ' +
      'gets messages.',
  });
}

function isLongerThan(left: Duration, right: Duration): boolean {
  return left.toSeconds() > right.toSeconds();
}
