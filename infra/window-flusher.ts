/** The function that makes flow runs of windows, and the queue of timers that wakes it. */
import { Duration } from 'aws-cdk-lib';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { QueueMapping } from './queue-mapping.ts';
import { functionDefaults, type Backlog, type DeployedSource, type SourceContext } from './source.ts';
import { TimerQueue } from './timer-queue.ts';

const TIMEOUT = Duration.seconds(60);
/** Six times the time-out, as for every queue that Lambda reads. */
const VISIBILITY_TIMEOUT = Duration.seconds(6 * 60 + 20);
/** A timer waits up to 15 minutes on the queue without anything being late. */
const LONGEST_DELAY = Duration.minutes(15);
const MEMORY_MIB = 512;
const WINDOWS_PER_INVOCATION = 10;
const MAX_CONCURRENCY = 5;

export interface WindowFlusherProps {
  readonly context: Omit<SourceContext, 'timers'>;
}

/** No source of its own, but its alarms and its page of the dashboard are those of one. */
export class WindowFlusher extends Construct implements DeployedSource {
  readonly sourceName = 'sluice:windows';
  readonly timers: TimerQueue;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;

  constructor(scope: Construct, id: string, { context }: WindowFlusherProps) {
    super(scope, id);
    const { removalPolicy } = context;
    this.timers = new TimerQueue(this, 'Timers', { visibilityTimeout: VISIBILITY_TIMEOUT, removalPolicy });
    this.backlog = {
      kind: 'queue',
      queue: this.timers.queue,
      redeliveryDelay: VISIBILITY_TIMEOUT,
      longestDelay: LONGEST_DELAY,
    };
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy });
    this.trigger = new PipelineFunction(this, 'Flush', {
      handler: 'window-flush',
      code: context.code['window-flush'],
      ...functionDefaults(context),
      source: this.sourceName,
      description: 'Sluice: makes flow runs of windows that are due or full',
      memoryMiB: MEMORY_MIB,
      timeout: TIMEOUT,
      // It reads the timer queue and sends to it: a window that is not due yet gets its next timer, at most 15 minutes
      // away. Lambda would take that for a runaway loop and stop it after about 16 hops.
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html, "Use Lambda recursive loop detection"
      recursiveLoop: RecursiveLoop.ALLOW,
      ...(context.network && { network: context.network }),
    });
    context.table.bindClaims(this.trigger);
    context.table.bindWindowFlushes(this.trigger);
    this.timers.bindSend(this.trigger);
    context.overflow?.bindPutOfAnyRoute(this.trigger);
    this.deadLetters.bindSend(this.trigger);
    const { authSecret } = context.config.prefect;
    if (authSecret !== null) this.trigger.bindSecretRead(authSecret);
    new QueueMapping(this, 'Queue', {
      queue: this.timers.queue,
      target: this.trigger,
      batchSize: WINDOWS_PER_INVOCATION,
      maxConcurrency: MAX_CONCURRENCY,
    });
  }
}
