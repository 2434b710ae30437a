/** What somebody should look at, and what to do then: the description of each alarm says it. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  TreatMissingData,
  type AlarmProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { METRICS_NAMESPACE, type PipelineFunction } from './pipeline-function.ts';
import type { Reconciler } from './reconciler.ts';
import type { Backlog, DeployedSource } from './source.ts';

/** An alarm by what makes it ring: one occurrence in five minutes, unless the caller says otherwise. */
type AlarmRule = Pick<AlarmProps, 'metric' | 'alarmDescription'> & Partial<AlarmProps>;

type QueueBacklog = Extract<Backlog, { kind: 'queue' }>;
type TopicsBacklog = Extract<Backlog, { kind: 'topics' }>;

const FIVE_MINUTES = Duration.minutes(5);

/** A consumer that keeps up has a batch for each of some partitions in flight. */
const LAG_IN_BATCHES = 10;

export interface SluiceAlarmsProps {
  readonly sources: readonly DeployedSource[];
  readonly reconciler: Reconciler;
  /** @default - no source is an endpoint */
  readonly endpoint?: HttpEndpoint;
  /** @default - alarms only change colour */
  readonly topic?: ITopic;
}

export class SluiceAlarms extends Construct {
  readonly #topic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: SluiceAlarmsProps) {
    super(scope, id);
    this.#topic = props.topic;
    for (const source of props.sources) this.#watchSource(source);
    this.#watchReconciler(props.reconciler);
    if (props.endpoint !== undefined) this.#watchEndpoint(props.endpoint);
  }

  #watchSource(source: DeployedSource): void {
    const scope = new Construct(this, source.sourceName);
    this.#watchDeadLetters(scope, source.deadLetters, `Source ${source.sourceName}`);
    switch (source.backlog.kind) {
      case 'queue':
        this.#watchQueue(scope, source, source.backlog);
        break;
      case 'topics':
        this.#watchTopics(scope, source, source.backlog);
        break;
    }
    this.#watchFunction(scope, 'Trigger', source, source.trigger);
    if (source.ingest !== undefined) this.#watchFunction(scope, 'Ingest', source, source.ingest);
  }

  #watchReconciler(reconciler: Reconciler): void {
    const scope = new Construct(this, reconciler.name);
    const { function: fn } = reconciler.function;
    this.#watchDeadLetters(scope, reconciler.deadLetters, 'Windows that the reconciliation flushed');
    this.#addAlarm(scope, 'WindowsOverdue', {
      metric: reconciler.metricWindowsOverdue(),
      // Two sweeps may fall into one period, and none into the next.
      evaluationPeriods: 4,
      datapointsToAlarm: 3,
      alarmDescription:
        `Three times function ${fn.functionName} could not flush windows that are overdue. Look for lines ` +
        '"finding" in its log: usually Prefect cannot be reached, refuses the credentials, or the deployment does ' +
        'not exist. Nothing is lost while they wait.',
    });
    this.#addAlarm(scope, 'Errors', {
      metric: fn.metricErrors({ period: FIVE_MINUTES }),
      alarmDescription:
        `Function ${fn.functionName} crashed or ran out of time, so overdue windows may not be found. A Prefect that ` +
        'is down never does that, so the machinery is broken: read its log for lines of level ERROR.',
    });
  }

  #watchDeadLetters(scope: Construct, { queue }: DeadLetterQueue, what: string): void {
    this.#addAlarm(scope, 'DeadLetters', {
      metric: queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'max',
      }),
      alarmDescription:
        `${what}: events wait in the dead-letter queue ${queue.queueUrl} and are kept for 14 days. Each message says ` +
        'which event, at what stage and why; one without such an envelope was delivered too often and never ' +
        'answered for, so look at the Errors alarm as well. Mend the cause, then bring them back with: sluice redrive.',
    });
  }

  #watchQueue(scope: Construct, source: DeployedSource, { queue, redeliveryDelay }: QueueBacklog): void {
    this.#addAlarm(scope, 'OldestMessage', {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' }),
      // One failed delivery makes a message as old as the redelivery delay, which is nothing to be woken for.
      threshold: Math.max(900, 2 * redeliveryDelay.toSeconds()),
      alarmDescription: `${waitingText(source)} up to the queue's receive count and retention.`,
    });
  }

  /** Lambda tells how many records wait, and nothing of their age; the retries of the function stand in for it. */
  #watchTopics(scope: Construct, source: DeployedSource, { batchSize }: TopicsBacklog): void {
    this.#addAlarm(scope, 'ConsumerLag', {
      // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, performance metrics
      metric: source.trigger.function.metric('OffsetLag', { period: FIVE_MINUTES, statistic: 'min' }),
      threshold: LAG_IN_BATCHES * batchSize,
      evaluationPeriods: 3,
      alarmDescription:
        `Source ${source.sourceName}: for 15 minutes at least ${String(LAG_IN_BATCHES)} batches of records have ` +
        'waited, so records come in faster than they become flow runs, or a partition is stuck. Look at the ' +
        'Waiting alarm first. Otherwise give the topic more partitions, raise batchSize, or give the source ' +
        'provisioned pollers. Records are lost when they wait longer than the topic keeps them.',
    });
    this.#addAlarm(scope, 'Waiting', {
      metric: new Metric({
        namespace: METRICS_NAMESPACE,
        metricName: 'EventsRetried',
        dimensionsMap: { service: 'kafka-trigger', source: source.sourceName },
        period: FIVE_MINUTES,
        statistic: 'sum',
      }),
      evaluationPeriods: 3,
      alarmDescription: `${waitingText(source)} as long as the topic keeps its records.`,
    });
  }

  #watchFunction(scope: Construct, role: string, source: DeployedSource, fn: PipelineFunction): void {
    const { sourceName, backlog } = source;
    const name = fn.function.functionName;
    this.#addAlarm(scope, `${role}Errors`, {
      metric: fn.function.metricErrors({ period: FIVE_MINUTES }),
      alarmDescription:
        backlog.kind === 'topics' && !backlog.reportsPartialFailures
          ? `Source ${sourceName}: function ${name} failed. On-demand pollers deliver a batch again only then, so it ` +
            'fails on purpose while events have to wait: see the Waiting alarm. Without such, the machinery is ' +
            'broken: read its log for lines of level ERROR and for "Task timed out".'
          : `Source ${sourceName}: function ${name} crashed or ran out of time. Bad events and a Prefect that is ` +
            'down never do that, so the machinery is broken: read its log for lines of level ERROR and for ' +
            '"Task timed out". What was in flight is delivered again.',
    });
    this.#addAlarm(scope, `${role}Throttles`, {
      metric: fn.function.metricThrottles({ period: FIVE_MINUTES }),
      alarmDescription:
        `Source ${sourceName}: Lambda refused to start function ${name}. Raise the account's concurrency quota, ` +
        'or lower queue.maxConcurrency of the sources so that their sum fits into it.',
    });
  }

  #watchEndpoint(endpoint: HttpEndpoint): void {
    this.#addAlarm(this, 'EndpointServerErrors', {
      metric: endpoint.api.metricServerError({ period: FIVE_MINUTES }),
      alarmDescription:
        'The endpoint answered 5xx: events were not accepted and their senders have to send them again. A 503 ' +
        'means that SQS did not take them, a 500 that the function failed; its log says why. The access log ' +
        'names the path and the time.',
    });
  }

  #addAlarm(scope: Construct, id: string, rule: AlarmRule): void {
    const alarm = new Alarm(scope, id, {
      threshold: 1,
      evaluationPeriods: 1,
      ...rule,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No figures means that nothing happened.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.#topic !== undefined) alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}

function waitingText({ sourceName, trigger }: DeployedSource): string {
  return (
    `Source ${sourceName}: events wait too long to become flow runs. Look in the log of ` +
    `${trigger.function.functionName} for outcomes of kind retry: usually Prefect cannot be reached, ` +
    'refuses the credentials, or the deployment does not exist. Nothing is lost while they wait,'
  );
}
