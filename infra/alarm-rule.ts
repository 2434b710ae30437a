/** One alarm: a question that an operator asks, with what to do about it in its description. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
  type AlarmProps,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export const FIVE_MINUTES = Duration.minutes(5);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html, "Metrics per alarm" */
export const METRICS_PER_ALARM = 10;

/** The section of docs/runbook.md about an alarm; part of its name, too. */
export type Question =
  | 'DeadLetters'
  | 'EventsRetrying'
  | 'OldestMessage'
  | 'EverythingFiltered'
  | 'SendersRefused'
  | 'NoEvents'
  | 'RouteSilent'
  | 'ConsumerLag'
  | 'PollingStopped'
  | 'Errors'
  | 'Throttles'
  | 'RecursionStopped'
  | 'EndpointServerErrors'
  | 'WindowsOverdue';

export interface AlarmRule extends Partial<Omit<AlarmProps, 'metric' | 'alarmName' | 'alarmDescription'>> {
  readonly question: Question;
  /** The source that the alarm is about; empty where it is about the whole installation. */
  readonly subject: string;
  /** From 1 on, where one question needs several alarms because an alarm takes only ten metrics. */
  readonly part?: number;
  readonly metric: IMetric;
  /** What has happened, and what to do. The link to the runbook is appended. */
  readonly description: string;
}

export interface AlarmContext {
  /** Begins the name of every alarm. */
  readonly installation: string;
  /** @default - alarms notify no one */
  readonly topic?: ITopic;
}

/** Make an alarm that fires at one occurrence in five minutes, unless the rule says otherwise. */
export function addAlarm(scope: Construct, context: AlarmContext, rule: AlarmRule): void {
  const { question, subject, part, description, ...props } = rule;
  const suffix = part === undefined || part === 1 ? '' : String(part);
  const alarm = new Alarm(scope, `${question}${suffix}`, {
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    // Without figures nothing happened.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    ...props,
    // A name that an operator can read. It is the only one of its kind: the same construct with the same source.
    alarmName: [context.installation, subject, question, suffix].filter((word) => word !== '').join(' '),
    alarmDescription: `${description} Runbook: docs/runbook.md#${question.toLowerCase()}`,
  });
  if (context.topic !== undefined) alarm.addAlarmAction(new SnsAction(context.topic));
}

/** Add up at most ten metrics, each with this period. */
export function sumOf(metrics: readonly IMetric[], period = FIVE_MINUTES): IMetric {
  const [first, ...others] = metrics;
  if (first !== undefined && others.length === 0) return first;
  return new MathExpression({
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label: 'Sum',
    period,
  });
}
