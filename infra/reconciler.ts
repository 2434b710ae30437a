/**
 * The function that finds unfinished work of timers, workers and deployments, and repairs it if that is safe. It is
 * always deployed: a deployment that removes the last route with windows leaves windows that are not flushed.
 */
import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { functionDefaults, type SourceContext } from './source.ts';

const TIMEOUT = Duration.minutes(5);
const MEMORY_MIB = 512;
/** Equal to the timeout, so sweeps rarely overlap; overlapping is safe. */
const SWEEP_EVERY = Duration.minutes(5);
const SWEEP_WITHOUT_WINDOWS_EVERY = Duration.hours(1);

export interface ReconcilerProps {
  readonly context: SourceContext;
  /** @default - by hand only */
  readonly everything?: Schedule;
}

export class Reconciler extends Construct {
  readonly name = 'sluice:reconcile';
  readonly function: PipelineFunction;
  /** For events of windows that Prefect refuses when they are flushed by this function. */
  readonly deadLetters: DeadLetterQueue;
  /** How often it looks at windows. */
  readonly sweepEvery: Duration;

  constructor(scope: Construct, id: string, { context, everything }: ReconcilerProps) {
    super(scope, id);
    const { removalPolicy } = context;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy });
    this.function = new PipelineFunction(this, 'Reconcile', {
      handler: 'reconcile',
      code: context.code.reconcile,
      ...functionDefaults(context),
      source: this.name,
      description: 'Sluice: flushes overdue windows, and compares the table with Prefect',
      memoryMiB: MEMORY_MIB,
      timeout: TIMEOUT,
      ...(context.network && { network: context.network }),
    });
    this.#bind(context);
    this.sweepEvery = context.timers === undefined ? SWEEP_WITHOUT_WINDOWS_EVERY : SWEEP_EVERY;
    this.#invokeOn('Windows', Schedule.rate(this.sweepEvery), 'windows');
    if (everything !== undefined) this.#invokeOn('Everything', everything, 'everything');
  }

  /** Windows that should have been flushed, and could not be. Its dimensions are those that the function writes. */
  metricWindowsOverdue(): Metric {
    return this.function.metric('WindowsOverdue', { period: this.sweepEvery, statistic: 'max' });
  }

  #bind({ table, timers, overflow, config }: SourceContext): void {
    table.bindClaims(this.function);
    table.bindWindowFlushes(this.function);
    table.bindWindowIndex(this.function);
    table.bindScan(this.function);
    timers?.bindSend(this.function);
    overflow?.bindPutOfAnyRoute(this.function);
    this.deadLetters.bindSend(this.function);
    const { authSecret } = config.prefect;
    if (authSecret !== null) this.function.bindSecretRead(authSecret);
  }

  /** With what `readReconcileRequest` reads. */
  #invokeOn(id: string, schedule: Schedule, scope: 'windows' | 'everything'): void {
    const event = RuleTargetInput.fromObject({ sluiceReconcile: 1, scope, dryRun: false });
    new Rule(this, id, {
      description: `Sluice: reconciles ${scope}`,
      schedule,
      targets: [new LambdaFunction(this.function.function, { event })],
    });
  }
}
