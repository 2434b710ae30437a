/** Sluice as a construct: give it a configuration, and it adds all of Sluice to your stack. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Schedule } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { isWindowing } from '../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { SluiceAlarms } from './alarms.ts';
import { bundleHandler } from './bundle.ts';
import { SluiceDashboard } from './dashboard.ts';
import { EventBridgeSource } from './eventbridge-source.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { HttpSource } from './http-source.ts';
import { KafkaSource } from './kafka-source.ts';
import { OverflowBucket, overflowingRoutes } from './overflow-bucket.ts';
import type { FunctionNetwork } from './pipeline-function.ts';
import { Reconciler } from './reconciler.ts';
import { SluiceTable } from './sluice-table.ts';
import type { DeployedSource, SourceContext } from './source.ts';
import { SqsSource } from './sqs-source.ts';
import { WindowFlusher } from './window-flusher.ts';

const DEFAULT_THROTTLE: ThrottleSettings = { rateLimit: 1000, burstLimit: 2000 };

export interface SluiceProps {
  /** Compiled by `defineConfig`, or from `sluice.yaml` by `loadConfigText`. */
  readonly config: CompiledConfig;

  /**
   * What happens to the table, queues, bucket and logs when they leave the stack. Queues hold events that were
   * accepted. The default keeps them, except when the very deployment that creates them fails and is rolled back.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the table.
   *
   * @default - true, unless `removalPolicy` is DESTROY
   */
  readonly deletionProtection?: boolean;

  /**
   * How long logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Requests that the endpoint takes before it answers 429, for all HTTP sources together.
   *
   * @default - 1000 a second, in bursts of 2000
   */
  readonly throttle?: ThrottleSettings;

  /**
   * Whether alarms are made: four for a queue source, five for a Kafka source, six for an HTTP source, one for the
   * endpoint, four for windows, three for the reconciliation.
   *
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * Told when an alarm rings.
   *
   * @default - nobody is told
   */
  readonly alarmTopic?: ITopic;

  /**
   * When the whole table is compared with Prefect, as `sluice reconcile` does it. Windows are looked at always.
   *
   * @default - by hand only
   */
  readonly reconcileEverything?: Schedule;

  /**
   * Whether a dashboard is made.
   *
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * VPC of the functions that call Prefect, for a server with a private address. DynamoDB, SQS, Secrets Manager
   * and, for `overflow: s3`, S3 have to be reachable from its subnets, by a NAT gateway or by VPC endpoints.
   *
   * @default - outside any VPC
   */
  readonly vpc?: IVpc;

  /**
   * Only with `vpc`.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Only with `vpc`.
   *
   * @default - one for each function, which lets everything out and nothing in
   */
  readonly securityGroups?: ISecurityGroup[];
}

export class Sluice extends Construct {
  readonly table: SluiceTable;
  /** For parameters that are too large for Prefect; undefined where no route says `overflow: s3`. */
  readonly overflow: OverflowBucket | undefined;
  /** By name. Their functions, queues and dead-letter queues are there for further grants, alarms and policies. */
  readonly sources: Readonly<Record<string, DeployedSource>>;
  /** Finds what nobody flushed, recorded or created. */
  readonly reconciler: Reconciler;
  /** Of the HTTP sources; undefined without any. */
  readonly endpoint: HttpEndpoint | undefined;

  constructor(scope: Construct, id: string, props: SluiceProps) {
    super(scope, id);
    const { config } = props;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    const network = networkOf(props);
    this.table = new SluiceTable(this, 'Claims', {
      removalPolicy,
      deletionProtection: props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
    });
    this.overflow = overflowOf(this, config, removalPolicy);
    const installation = installationName(this);
    const shared = {
      config,
      installation,
      code: {
        'http-ingest': bundleHandler('http-ingest', config),
        'sqs-trigger': bundleHandler('sqs-trigger', config),
        'kafka-trigger': bundleHandler('kafka-trigger', config),
        'window-flush': bundleHandler('window-flush', config),
        'reconcile': bundleHandler('reconcile', config),
      },
      table: this.table,
      ...(this.overflow && { overflow: this.overflow }),
      logRetention,
      removalPolicy,
      ...(network && { network }),
    };
    const windows = hasWindows(config) ? new WindowFlusher(this, 'Windows', { context: shared }) : undefined;
    const context: SourceContext = { ...shared, ...(windows && { timers: windows.timers }) };
    const { reconcileEverything: everything } = props;
    this.reconciler = new Reconciler(this, 'Reconciler', { context, ...(everything && { everything }) });

    // In a scope of its own: a source may be called Alarms.
    const scopeOfSources = new Construct(this, 'Sources');
    let endpoint: HttpEndpoint | undefined;
    const sources = Object.values(config.sources).map((source): DeployedSource => {
      switch (source.type) {
        case 'http':
          endpoint ??= new HttpEndpoint(this, 'Endpoint', {
            endpoint: config.endpoint,
            throttle: { ...DEFAULT_THROTTLE, ...props.throttle },
            logRetention,
            removalPolicy,
          });
          return new HttpSource(scopeOfSources, source.name, { source, endpoint, context });
        case 'sqs':
          return new SqsSource(scopeOfSources, source.name, { source, context });
        case 'eventbridge':
          return new EventBridgeSource(scopeOfSources, source.name, { source, context });
        case 'kafka':
          return new KafkaSource(scopeOfSources, source.name, { source, context });
      }
    });
    this.endpoint = endpoint;
    this.sources = Object.fromEntries(sources.map((source) => [source.sourceName, source]));

    const watched = {
      installation,
      sources: [...sources, ...(windows === undefined ? [] : [windows])],
      reconciler: this.reconciler,
      ...(endpoint && { endpoint }),
    };
    if (props.alarms ?? true) {
      const { alarmTopic: topic } = props;
      new SluiceAlarms(this, 'Alarms', { ...watched, ...(topic && { topic }) });
    }
    if (props.dashboard ?? true) new SluiceDashboard(this, 'Dashboard', { ...watched, table: this.table });
  }
}

function overflowOf(
  scope: Construct,
  { routes, overflow: { retentionDays } }: CompiledConfig,
  removalPolicy: RemovalPolicy,
): OverflowBucket | undefined {
  if (overflowingRoutes(routes).length === 0) return undefined;
  return new OverflowBucket(scope, 'Overflow', { retentionDays, removalPolicy });
}

function hasWindows({ routes }: CompiledConfig): boolean {
  return routes.some(({ coalesce }) => isWindowing(coalesce));
}

/** The stack, and the path of the construct in it where it is not the whole stack: `Sluice`, or `Jobs/Sluice`. */
function installationName(construct: Construct): string {
  const outermost = (stack: Stack): Stack =>
    stack.nestedStackParent === undefined ? stack : outermost(stack.nestedStackParent);
  const stack = outermost(Stack.of(construct));
  const ids = construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  return [stack.stackName, ...ids.filter((id) => id !== 'Default')].join('/');
}

function networkOf({ vpc, vpcSubnets, securityGroups }: SluiceProps): FunctionNetwork | undefined {
  return vpc && { vpc, ...(vpcSubnets && { vpcSubnets }), ...(securityGroups && { securityGroups }) };
}
