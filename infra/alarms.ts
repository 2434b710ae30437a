/** What somebody should look at, and what to do then: the description of each alarm says it. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { HttpEndpoint } from './http-endpoint.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { DeployedSource } from './source.ts';

/** An alarm by what makes it ring: one occurrence in five minutes, unless the caller says otherwise. */
type AlarmRule = Pick<AlarmProps, 'metric' | 'alarmDescription'> & Partial<AlarmProps>;

const FIVE_MINUTES = Duration.minutes(5);

export interface SluiceAlarmsProps {
  readonly sources: readonly DeployedSource[];
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
    if (props.endpoint !== undefined) this.#watchEndpoint(props.endpoint);
  }

  #watchSource(source: DeployedSource): void {
    const scope = new Construct(this, source.sourceName);
    this.#addAlarm(scope, 'DeadLetters', {
      metric: source.deadLetters.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'max',
      }),
      alarmDescription:
        `Source ${source.sourceName}: events wait in the dead-letter queue ${source.deadLetters.queue.queueUrl} ` +
        'and are kept for 14 days. Each message says which event, at what stage and why; one without such an ' +
        'envelope was delivered too often and never answered for, so look at the Errors alarm as well. Mend ' +
        'the cause, then send the events again and delete them here.',
    });
    this.#addAlarm(scope, 'OldestMessage', {
      metric: source.queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' }),
      // One failed delivery makes a message as old as the redelivery delay, which is nothing to be woken for.
      threshold: Math.max(900, 2 * source.redeliveryDelay.toSeconds()),
      alarmDescription:
        `Source ${source.sourceName}: events wait too long to become flow runs. Look in the log of ` +
        `${source.trigger.function.functionName} for outcomes of kind retry: usually Prefect cannot be reached, ` +
        'refuses the credentials, or the deployment does not exist. Nothing is lost while they wait, up to the ' +
        "queue's receive count and retention.",
    });
    this.#watchFunction(scope, 'Trigger', source.sourceName, source.trigger);
    if (source.ingest !== undefined) this.#watchFunction(scope, 'Ingest', source.sourceName, source.ingest);
  }

  #watchFunction(scope: Construct, role: string, sourceName: string, fn: PipelineFunction): void {
    const name = fn.function.functionName;
    this.#addAlarm(scope, `${role}Errors`, {
      metric: fn.function.metricErrors({ period: FIVE_MINUTES }),
      alarmDescription:
        `Source ${sourceName}: function ${name} crashed or ran out of time. Bad events and a Prefect that is ` +
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
