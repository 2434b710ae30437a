/** What every source needs of its surroundings, and what alarms, dashboard and outputs need of a source. */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { CompiledConfig, CompiledSource } from '../lib/compiled-config/compiled.ts';
import type { HandlerName } from './bundle.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { OverflowBucket } from './overflow-bucket.ts';
import type { FunctionNetwork, PipelineFunction } from './pipeline-function.ts';
import type { SluiceTable } from './sluice-table.ts';
import type { TimerQueue } from './timer-queue.ts';

export interface SourceContext {
  readonly config: CompiledConfig;
  readonly code: Readonly<Record<HandlerName, Code>>;
  readonly table: SluiceTable;
  /** Of windows. @default - no route has windows */
  readonly timers?: TimerQueue;
  /** @default - no route says `overflow: s3` */
  readonly overflow?: OverflowBucket;
  /** The name of the installation, which distinguishes its metrics and alarms from those of others. */
  readonly installation: string;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  /** Of the functions that call Prefect. @default - outside any VPC */
  readonly network?: FunctionNetwork;
}

/** Properties that all functions of an installation share. */
export function functionDefaults({ config, installation, logRetention, removalPolicy }: SourceContext) {
  const { logs, secretKeyArns = {} } = config;
  return { installation, logLevel: logs.level, secretKeyArns, logRetention, removalPolicy };
}

export function expectEventsEvery({ expectEventsEverySeconds }: CompiledSource): Duration | undefined {
  return expectEventsEverySeconds === undefined ? undefined : Duration.seconds(expectEventsEverySeconds);
}

/** Where events wait until they become flow runs. */
export type Backlog =
  | {
      readonly kind: 'queue';
      /** Sluice's own behind an endpoint, or the user's. */
      readonly queue: IQueue;
      /** How long a message that was received stays hidden, at least, until it is delivered again. */
      readonly redeliveryDelay: Duration;
      /** How long a message may be delayed on purpose before its first delivery. @default - not at all */
      readonly longestDelay?: Duration;
    }
  | {
      readonly kind: 'topics';
      /** Records in one invocation, at most. */
      readonly batchSize: number;
      /** With provisioned pollers. Else the function fails as a whole when a record has to be redelivered. */
      readonly reportsPartialFailures: boolean;
      /** Ids of the event source mappings, one for each topic. */
      readonly mappingIds: readonly string[];
    };

export interface DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  /** Makes the flow runs. */
  readonly trigger: PipelineFunction;
  /** Answers HTTP requests; absent for sources without an endpoint. */
  readonly ingest?: PipelineFunction | undefined;
  /** How long the source may be without an event; absent where that is not known. */
  readonly expectEventsEvery?: Duration | undefined;
  /** URL to post events to; absent for sources without an endpoint. */
  readonly endpointUrl?: string | undefined;
}
