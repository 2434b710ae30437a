/** The alarms of an installation: one for each question that an operator asks. docs/runbook.md has a section for each. */
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { addAlarm, FIVE_MINUTES, METRICS_PER_ALARM, sumOf, type AlarmContext } from './alarm-rule.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { Reconciler } from './reconciler.ts';
import type { CompiledRoute } from '../lib/compiled-config/compiled.ts';
import { addRouteAlarms } from './route-alarms.ts';
import { addDeadLetterAlarm, SourceAlarms } from './source-alarms.ts';
import type { DeployedSource } from './source.ts';

export interface SluiceAlarmsProps {
  /** Begins the name of every alarm. */
  readonly installation: string;
  /** The group of the sources, if they are in one. */
  readonly groupName?: string;
  readonly sources: readonly DeployedSource[];
  /** With all sources of the installation, by name. @default - they are watched elsewhere */
  readonly routes?: {
    readonly configured: readonly CompiledRoute[];
    readonly sources: Readonly<Record<string, DeployedSource>>;
  };
  /** @default - it is watched elsewhere */
  readonly reconciler?: Reconciler;
  /** @default - no source is an endpoint, or it is watched elsewhere */
  readonly endpoint?: HttpEndpoint;
  /** @default - alarms notify no one */
  readonly topic?: ITopic;
}

export class SluiceAlarms extends Construct {
  constructor(scope: Construct, id: string, props: SluiceAlarmsProps) {
    super(scope, id);
    const { installation, sources, routes, reconciler, endpoint, topic } = props;
    const context: AlarmContext = { installation, ...(topic !== undefined && { topic }) };
    const scopeOfSources = new Construct(this, 'Sources');
    for (const source of sources) new SourceAlarms(scopeOfSources, source, context);
    if (routes !== undefined) {
      addRouteAlarms(new Construct(this, 'Routes'), routes.configured, routes.sources, context);
    }
    if (reconciler !== undefined) addReconcilerAlarms(new Construct(this, 'Reconciler'), reconciler, context);
    if (endpoint !== undefined) addEndpointAlarm(this, endpoint, context);
    const functions = [
      ...sources.flatMap(({ trigger, ingest }) => (ingest === undefined ? [trigger] : [ingest, trigger])),
      ...(reconciler === undefined ? [] : [reconciler.function]),
    ];
    const subject = props.groupName ?? '';
    addThrottleAlarms(this, subject, functions, context);
    addRecursionAlarms(this, subject, functions, context);
  }
}

function addReconcilerAlarms(scope: Construct, reconciler: Reconciler, context: AlarmContext): void {
  const { name, deadLetters } = reconciler;
  const { function: fn } = reconciler.function;
  addDeadLetterAlarm(scope, { sourceName: name, deadLetters }, context);
  addAlarm(scope, context, {
    question: 'WindowsOverdue',
    subject: '',
    metric: reconciler.metricWindowsOverdue(),
    // Two sweeps may fall into one period, and none into the next.
    evaluationPeriods: 4,
    datapointsToAlarm: 3,
    description:
      `Function ${fn.functionName} found overdue windows in three sweeps and could not flush them. Look for lines ` +
      '"finding" in its log: usually Prefect cannot be reached, refuses the credentials, or the deployment does not ' +
      'exist. Nothing is lost while they wait.',
  });
  addAlarm(scope, context, {
    question: 'Errors',
    subject: name,
    metric: fn.metricErrors({ period: FIVE_MINUTES }),
    description:
      `Function ${fn.functionName} crashed or timed out, so overdue windows may not be found. A Prefect outage never ` +
      'causes that, so it is an internal error: read its log for lines of level ERROR.',
  });
}

function addEndpointAlarm(scope: Construct, endpoint: HttpEndpoint, context: AlarmContext): void {
  addAlarm(scope, context, {
    question: 'EndpointServerErrors',
    subject: '',
    metric: endpoint.api.metricServerError({ period: FIVE_MINUTES }),
    description:
      'The endpoint answered 5xx: events were not accepted, and their senders have to send them again. A 503 means ' +
      'that SQS did not take them, a 500 that the function failed; its log says why. The access log has the path and ' +
      'the time.',
  });
}

/** The cause is shared by all functions, so they share the alarms, ten at a time. */
function addThrottleAlarms(
  scope: Construct,
  subject: string,
  functions: readonly PipelineFunction[],
  context: AlarmContext,
): void {
  for (const { part, metric } of summedInParts(functions, (fn) =>
    fn.metricThrottles({ period: FIVE_MINUTES }),
  )) {
    addAlarm(scope, context, {
      question: 'Throttles',
      subject,
      part,
      metric,
      description:
        'Lambda refused to start a function of this installation. Raise the concurrency quota of the account, or lower ' +
        'queue.maxConcurrency of the sources, so that their sum fits into it. The graphs of Lambda show which function ' +
        'it is. No event is lost: what was refused is delivered again.',
    });
  }
}

/**
 * The flusher of windows is meant to trigger itself and is left out.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html, "Use Lambda recursive loop detection"
 */
function addRecursionAlarms(
  scope: Construct,
  subject: string,
  functions: readonly PipelineFunction[],
  context: AlarmContext,
): void {
  const watched = functions.filter(({ handler }) => handler !== 'window-flush');
  const dropped = (fn: Function) =>
    fn.metric('RecursiveInvocationsDropped', { period: FIVE_MINUTES, statistic: 'sum' });
  for (const { part, metric } of summedInParts(watched, dropped)) {
    addAlarm(scope, context, {
      question: 'RecursionStopped',
      subject,
      part,
      metric,
      description:
        'Lambda stopped an invocation because an event went round in a loop about 16 times: a flow run, or what it ' +
        'starts, sends events to the source that started it. Break the loop with `when`, or let the flow send ' +
        'elsewhere.',
    });
  }
}

function summedInParts(functions: readonly PipelineFunction[], metricOf: (fn: Function) => IMetric) {
  const count = Math.ceil(functions.length / METRICS_PER_ALARM);
  return Array.from({ length: count }, (_, index) => {
    const chunk = functions.slice(index * METRICS_PER_ALARM, (index + 1) * METRICS_PER_ALARM);
    return { part: index + 1, metric: sumOf(chunk.map(({ function: fn }) => metricOf(fn))) };
  });
}
