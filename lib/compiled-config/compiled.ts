/**
 * The compiled configuration, which the functions read: compiled at synth, frozen, hashed, and shipped in the bundle as
 * `sluice.config.json`. It has no defaults to fill in, every unit is in the name, and every reference resolves. The
 * front ends (`sluice.yaml`, `defineConfig`) and all validation belong to `lib/config`.
 */
import type { CompiledCoalescing } from './compiled-coalescing.ts';
import type { CompiledHandshake } from './compiled-handshake.ts';
import type { CompiledRunOptions } from './compiled-run-options.ts';
import type { CompiledVerification } from './compiled-verification.ts';

export interface CompiledConfig {
  readonly formatVersion: 1;
  /** First 16 hex digits of the SHA-256 of the rest, in canonical form; a label on every flow run. */
  readonly hash: string;
  readonly prefect: CompiledPrefect;
  readonly limits: CompiledLimits;
  readonly overflow: CompiledOverflow;
  readonly endpoint: CompiledEndpoint;
  readonly logs: CompiledLogs;
  readonly table: CompiledTable;
  /** By secret: the ARN of the customer managed KMS key that encrypts it. */
  readonly secretKeyArns?: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, CompiledSource>>;
  readonly routes: readonly CompiledRoute[];
}

export interface CompiledPrefect {
  /** With the trailing `/api` (self-hosted) or `/workspaces/<id>` (Cloud), without a trailing slash. */
  readonly apiUrl: string;
  /** Name or ARN of a Secrets Manager secret with `{"apiKey": …}` or `{"basic": "user:pass"}`, or null for no auth. */
  readonly authSecret: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTimeoutMs: number;
  /** Absent: no limit. */
  readonly budget?: CompiledBudget;
}

/** How many requests all functions together send to Prefect. */
export interface CompiledBudget {
  /** In any 60 seconds. */
  readonly requestsPerMinute: number;
  /** `observe` counts what would have been held back, and holds nothing. */
  readonly mode: 'enforce' | 'observe';
}

/** The endpoint of the HTTP sources, and its domains. */
export interface CompiledEndpoint {
  readonly domains: readonly CompiledDomain[];
  readonly disableExecuteApiEndpoint: boolean;
}

export interface CompiledDomain {
  readonly name: string;
  readonly certificateArn: string;
  /** Null when clients need no certificate. */
  readonly mutualTls: CompiledMutualTls | null;
}

export interface CompiledMutualTls {
  readonly bucketName: string;
  readonly objectKey: string;
  /** Null for the latest version. */
  readonly objectVersion: string | null;
  readonly ownershipCertificateArn: string | null;
}

export interface CompiledLogs {
  /** As Powertools has it. */
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly outcomes: CompiledOutcomeLogs;
}

/** Which events have a log line of their own. Those that did not become part of a flow run at once always have. */
export type CompiledOutcomeLogs =
  | { readonly kind: 'all' | 'exceptions' }
  /** `share` is more than 0 and at most 1. */
  | { readonly kind: 'sampled'; readonly share: number };

/** The table of claims; only the stack reads it. */
export type CompiledTable =
  | { readonly kind: 'existing'; readonly name: string }
  | {
      readonly kind: 'own';
      readonly pointInTimeRecovery: boolean;
      /** Absent: on demand. */
      readonly provisioned?: CompiledProvisionedCapacity;
      /** Absent: what DynamoDB gives a new table. */
      readonly warmThroughput?: { readonly writeUnits: number; readonly readUnits: number };
    };

export interface CompiledProvisionedCapacity {
  readonly minWriteUnits: number;
  readonly maxWriteUnits: number;
  readonly minReadUnits: number;
  readonly maxReadUnits: number;
  /** A share between 0 and 1. */
  readonly targetUtilization: number;
}

export interface CompiledLimits {
  readonly maxEventBytes: number;
  readonly maxDepth: number;
  readonly maxKeys: number;
}

/** The bucket for parameters that are too large for Prefect. */
export interface CompiledOverflow {
  readonly retentionDays: number;
}

export type SourceFormat = 'auto' | 'json' | 'cloudevents' | 'text' | 'binary';

/** The last three are values framed with the id of a schema in a registry. */
export type KafkaFormat = SourceFormat | 'avro' | 'protobuf' | 'json-schema';

interface CompiledSourceBase {
  readonly name: string;
  readonly format: SourceFormat;
  /** CloudEvents `type` of events that do not have one. */
  readonly eventType: string;
  /** Envelopes to remove from the events that have them. */
  readonly unwrap: readonly CompiledEnvelope[];
  readonly function: CompiledFunction;
  /** The nested stack that the source is deployed in; absent: the main stack. */
  readonly group?: string;
  /** How long the source may be without an event; absent: no alarm. */
  readonly expectEventsEverySeconds?: number;
}

/** `event-bus`: what a custom bus of `AWS::EventsV2` delivers, only of sources of type eventbridge. */
export type CompiledEnvelope = 'sns' | 'eventbridge' | 'event-bus' | 's3';

/** The Lambda function that runs the pipeline for this source. */
export interface CompiledFunction {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

/** The consumption of the queue of a source: a queue of the user (SQS sources) or of Sluice (other sources). */
export interface CompiledQueue {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly maxConcurrency: number;
  readonly maxReceiveCount: number;
}

export interface CompiledHttpSource extends CompiledSourceBase {
  readonly type: 'http';
  /** Without an endpoint: its queue is only drained. */
  readonly retired?: boolean;
  readonly queue: CompiledQueue;
  readonly path: string;
  readonly verify: CompiledVerification;
  /** Origins that an OPTIONS request may state (CloudEvents' HTTP webhooks); `*` allows any. */
  readonly webhookOrigins: readonly string[];
  /** Null when no sender of the source asks before it sends. */
  readonly handshake: CompiledHandshake | null;
  /** Names, in lower case, of the request headers that become part of an event. */
  readonly headers: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxEventsPerRequest: number;
  readonly respond: CompiledRespond;
}

/**
 * The content of responses: that events are stored (202), the flow runs that were created in time, or nothing (200), for
 * senders that accept no other response.
 */
export type CompiledRespond =
  { readonly mode: 'accepted' | 'empty' } | { readonly mode: 'run'; readonly maxWaitSeconds: number };

/**
 * What happens to later events of a message group or partition after one of them failed. `strict`: they are returned
 * for redelivery with it. `relaxed`: they are processed.
 */
export type CompiledOrder = 'strict' | 'relaxed';

export interface CompiledSqsSource extends CompiledSourceBase {
  readonly type: 'sqs';
  readonly queue: CompiledQueue;
  readonly queueArn: string;
  /** The customer managed KMS key that encrypts the queue. */
  readonly kmsKeyArn?: string;
  /** `strict` on FIFO queues only. */
  readonly order: CompiledOrder;
  readonly filterCriteria?: CompiledFilterCriteria;
}

/** Events of a bus that match a pattern: a rule puts them into Sluice's own queue. */
export interface CompiledEventBridgeSource extends CompiledSourceBase {
  readonly type: 'eventbridge';
  /** Without a rule: its queue is only drained. */
  readonly retired?: boolean;
  readonly queue: CompiledQueue;
  /** The name, even if the configuration has the ARN. */
  readonly busName: string;
  /** Of a custom bus of `AWS::EventsV2`, which has subscribers instead of rules; absent for a classic one. */
  readonly customBus?: {
    readonly arn: string;
    /** Values of the metadata that producers set; null for any. */
    readonly metadata: Readonly<Record<string, unknown>> | null;
  };
  /** In the syntax of EventBridge. */
  readonly pattern: Readonly<Record<string, unknown>>;
}

/** Topics of one cluster, read by event source mappings of Lambda. Times and sizes are those of the mapping. */
export interface CompiledKafkaSource extends Omit<CompiledSourceBase, 'format'> {
  readonly type: 'kafka';
  readonly format: KafkaFormat;
  readonly cluster: CompiledKafkaCluster;
  readonly topics: readonly string[];
  /** Null when Lambda names the group after the mapping. It cannot be changed later. */
  readonly consumerGroupId: string | null;
  /** The group of each topic is this text and the name of the topic; never beside `consumerGroupId`. */
  readonly consumerGroupPrefix?: string;
  readonly startingPosition:
    | { readonly at: 'TRIM_HORIZON' | 'LATEST' }
    | { readonly at: 'AT_TIMESTAMP'; readonly timestampEpochSeconds: number };
  readonly order: CompiledOrder;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  /** Null for on-demand pollers. Only provisioned pollers accept partial failures, retry limits and bisection. */
  readonly provisioned: CompiledProvisionedPollers | null;
  readonly schemaRegistry: CompiledSchemaRegistry | null;
  readonly filterCriteria?: CompiledFilterCriteria;
}

/** Patterns in Lambda's syntax: its mapping discards what none of them matches. Absent: everything passes. */
export type CompiledFilterCriteria = readonly Readonly<Record<string, unknown>>[];

export interface CompiledProvisionedPollers {
  readonly minPollers: number;
  readonly maxPollers: number;
}

export interface CompiledKafkaSecret {
  /** Complete ARN of a secret in Secrets Manager. */
  readonly secret: string;
  /** The customer managed key that encrypts the secret; absent for a key of AWS, or one whose policy suffices. */
  readonly kmsKeyArn?: string;
}

/** What Lambda asks the identity provider for, and names to the brokers. */
export interface CompiledKafkaOauth {
  readonly scope: string | null;
  readonly audience: string | null;
  readonly logicalCluster: string | null;
  readonly identityPool: string | null;
}

export type CompiledKafkaCluster =
  | {
      readonly kind: 'msk';
      readonly clusterArn: string;
      readonly auth:
        | { readonly scheme: 'none' | 'iam' }
        | ({ readonly scheme: 'scram-512' | 'mtls' } & CompiledKafkaSecret);
    }
  | {
      readonly kind: 'self-managed';
      readonly bootstrapServers: readonly string[];
      readonly auth:
        | { readonly scheme: 'none' }
        | ({ readonly scheme: 'plain' | 'scram-256' | 'scram-512' | 'mtls' } & CompiledKafkaSecret)
        /** An MSK cluster behind the bootstrap servers. */
        | { readonly scheme: 'iam'; readonly clusterArn: string }
        | ({ readonly scheme: 'oauth' } & CompiledKafkaSecret & CompiledKafkaOauth)
        | { readonly scheme: 'iam-oauth'; readonly audience: string };
      /** Complete ARN of a secret with the CA of the brokers' certificates; null for a public CA, or without TLS. */
      readonly rootCaSecret: string | null;
      readonly vpc: {
        readonly subnetIds: readonly string[];
        readonly securityGroupIds: readonly string[];
      } | null;
    };

/** Of Confluent Cloud, `logicalCluster` is the one of the registry: `lsrc-…`. */
export type CompiledRegistryOauth = CompiledKafkaOauth;

export type CompiledSchemaRegistry =
  | {
      readonly kind: 'confluent';
      readonly url: string;
      /** With a user and a password, or a client of an identity provider. */
      readonly authSecret: string | null;
      readonly oauth?: CompiledRegistryOauth;
    }
  | { readonly kind: 'glue'; readonly region: string };

export type CompiledQueuedSource = CompiledHttpSource | CompiledSqsSource | CompiledEventBridgeSource;
export type CompiledSource = CompiledQueuedSource | CompiledKafkaSource;

export interface CompiledRoute {
  readonly name: string;
  readonly from: readonly string[];
  /** CEL over `event`; null matches every event. */
  readonly when: string | null;
  readonly dedupe: { readonly key: string | null; readonly retentionSeconds: number };
  readonly coalesce: CompiledCoalescing;
  /** Something should match the route at least once in this time; absent where that is not known. */
  readonly expectWithinSeconds?: number;
  readonly run: CompiledRun;
}

export interface CompiledRun {
  readonly flow: string;
  readonly deployment: string;
  /** Parameter name to CEL over `events`, oldest first, and `event` or `window` where the coalescing has them. */
  readonly parameters: Readonly<Record<string, CompiledParameter>>;
  /** What to do with an event whose data has a key of `TEMPLATE_MARKERS` (`lib/event/template-marker.ts`). */
  readonly templateMarkers: 'refuse' | 'escape';
  /** What to do with parameters that are too large for Prefect. */
  readonly overflow: 'refuse' | 's3';
  readonly tags: readonly string[];
  /** Absent where the configuration says none of them: a route without them pays nothing for them. */
  readonly options?: CompiledRunOptions;
}

export interface CompiledParameter {
  readonly expression: string;
  /** `json`: the value itself; `string`: its JSON text, for a flow parameter of type `str`. */
  readonly as: 'json' | 'string';
}
