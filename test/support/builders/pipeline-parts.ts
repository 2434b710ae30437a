/** A whole pipeline in memory: what a test changes is named, the rest works. */
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import type { EventOutcome } from '../../../lib/outcome.ts';
import { runPipeline, type Pipeline } from '../../../lib/pipeline.ts';
import type { Deadline } from '../../../lib/ports.ts';
import { CreateFailureStats } from '../../../lib/prefect/create-failure-stats.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import type { WorkBudget } from '../../../lib/executor/admit-work.ts';
import { flushWindows, type FlushingPorts, type FlushReport } from '../../../lib/executor/flush-windows.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from './compiled-config.ts';
import { canonicalJson, isArray, isNumber, type ExactJson } from './exact-json.ts';
import { FakePrefect } from '../fakes/fake-prefect.ts';
import { InMemoryBatchRecordStore } from '../fakes/in-memory-batch-record-store.ts';
import { InMemoryClaimStore, type ClaimFault } from '../fakes/in-memory-claim-store.ts';
import { InMemoryDeadLetterQueue, type DeadLetterFault } from '../fakes/in-memory-dead-letter-queue.ts';
import { InMemoryOverflowStore } from '../fakes/in-memory-overflow-store.ts';
import { InMemoryTimerQueue } from '../fakes/in-memory-timer-queue.ts';
import { InMemoryWindowStore, type WindowFault } from '../fakes/in-memory-window-store.ts';

export const PLENTY_OF_TIME: Deadline = { remainingMs: () => 60_000 };

export class PipelineParts {
  installation = 'table';
  /** Default: nothing is held back. */
  budget: WorkBudget | null = null;
  readonly prefect = new FakePrefect();
  readonly records = new InMemoryBatchRecordStore();
  readonly history = new CreateFailureStats();
  readonly timers = new InMemoryTimerQueue();
  readonly overflow = new InMemoryOverflowStore();
  readonly windows: InMemoryWindowStore;
  readonly claims: InMemoryClaimStore;
  readonly deadLetters: InMemoryDeadLetterQueue;
  readonly config: CompiledConfig;
  /** Leases of an invocation that ended are over a minute later. */
  nowEpochMs = 1_790_000_000_000;

  constructor(
    config: CompiledConfig = sqsConfig(),
    faults: {
      readonly claims?: ClaimFault;
      readonly deadLetters?: DeadLetterFault;
      readonly windows?: WindowFault;
    } = {},
  ) {
    this.config = config;
    this.claims = new InMemoryClaimStore(faults.claims);
    this.windows = new InMemoryWindowStore(this.records, faults.windows);
    this.deadLetters = new InMemoryDeadLetterQueue(faults.deadLetters);
    const deployments = new Set(config.routes.map(({ run }) => JSON.stringify([run.flow, run.deployment])));
    for (const each of deployments) {
      const [flow, deployment] = JSON.parse(each) as [string, string];
      this.prefect.createDeployment(flow, deployment);
    }
  }

  run(
    records: readonly ReceivedRecord[],
    deadline: Deadline = PLENTY_OF_TIME,
  ): Promise<readonly EventOutcome[]> {
    const source = this.config.sources['jobs'] ?? makeSqsSource();
    const { config, ports } = this;
    return runPipeline(
      records,
      { installation: this.installation, config, source, routes: routesFrom(config, 'jobs'), ports },
      deadline,
    );
  }

  get ports(): Pipeline['ports'] {
    const { claims, records, history, overflow, deadLetters, prefect, timers, windows } = this;
    return {
      claims,
      records,
      flowRuns: prefect,
      deployments: prefect,
      workQueues: prefect,
      history,
      backoff: { pauseBeforeRetry: () => Promise.resolve() },
      overflow,
      deadLetters,
      timers,
      windows,
      batchAbandoner: windows,
      routeVersions: windows,
      clock: { nowEpochMs: () => this.nowEpochMs },
      ...(this.budget !== null && { budget: this.budget }),
    };
  }

  get flushingPorts(): FlushingPorts {
    const { ports, windows } = this;
    return {
      ...ports,
      windowReader: windows,
      windowFlushes: windows,
      windowRedirector: windows,
      windowCloser: windows,
    };
  }

  /** What the timer queue delivers by now, each to an invocation; what has to come again stays on the queue. */
  async flushDue(config: CompiledConfig = this.config): Promise<readonly FlushReport[]> {
    const reports: FlushReport[] = [];
    for (const timer of this.timers.takeDue(this.nowEpochMs)) {
      const { hash: configHash } = config;
      const { installation } = this;
      const terms = { installation, configHash, requestTimeoutMs: 1_000, deadline: PLENTY_OF_TIME };
      const [report] = await flushWindows([timer], config, this.flushingPorts, terms);
      if (report === undefined) throw new Error('a flush without a report');
      if (report.result.kind === 'retry') this.timers.timers.push(timer);
      reports.push(report);
    }
    return reports;
  }

  /** Time goes on until every lease is over. */
  letLeasesEnd(): void {
    this.nowEpochMs += 120_000;
  }

  /** What the flow gets as `orders`, run by run; dead runs left out. */
  get orders(): readonly unknown[] {
    return this.prefect.flowRuns
      .filter((run) => run.stateType !== 'CANCELLED')
      .map(({ parameters }) => JSON.parse(canonicalJson(parameterOf(parameters, 'orders'))) as unknown);
  }
}

function parameterOf(parameters: ExactJson, name: string): ExactJson {
  const isObject = typeof parameters === 'object' && parameters !== null && !isArray(parameters);
  const value = isObject && !isNumber(parameters) ? parameters[name] : undefined;
  if (value === undefined) throw new Error(`the run has no parameter ${name}`);
  return value;
}

/** One SQS source and one route that coalesces within an invocation. */
export function sqsConfig(route: Parameters<typeof makeRoute>[0] = {}): CompiledConfig {
  const coalesce = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 } as const;
  return makeCompiledConfig([makeSqsSource()], {
    routes: [makeRoute({ from: ['jobs'], coalesce, ...route })],
  });
}

export function sqsRecord(messageId: string, body: string, deliveryCount = 1): ReceivedRecord {
  const queueArn = makeSqsSource().queueArn;
  return {
    recordId: messageId,
    origin: { kind: 'sqs', messageId, queueArn, sentAtEpochMs: 1_790_000_000_000 },
    body,
    headers: new Map(),
    deliveryCount,
  };
}
