/** Sluice as a construct: give it a configuration, and it adds all of Sluice to your stack. */
import { Annotations, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Schedule } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { isWindowing } from '../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { SluiceAlarms, type SluiceAlarmsProps } from './alarms.ts';
import { bundleHandler } from './bundle.ts';
import { SluiceDashboard, type SluiceDashboardProps } from './dashboard.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { addInstallationMetadata } from './installation-metadata.ts';
import { OverflowBucket, overflowingRoutes } from './overflow-bucket.ts';
import type { FunctionNetwork } from './pipeline-function.ts';
import { Reconciler } from './reconciler.ts';
import { addResourceLimit } from './resource-limit.ts';
import { findSharedQueues } from './shared-queues.ts';
import { SluiceTable } from './sluice-table.ts';
import { createSource, isServed } from './source-factory.ts';
import { SourceGroup } from './source-group.ts';
import type { DeployedSource, SourceContext } from './source.ts';
import { WindowFlusher } from './window-flusher.ts';

const DEFAULT_THROTTLE: ThrottleSettings = { rateLimit: 1000, burstLimit: 2000 };

const ALARMS_WITHOUT_TOPIC =
  'Alarms notify no one. Deploy with -c alarmEmail=<address> or -c alarmTopicArn=<ARN>; in an app of yours, set alarmTopic.';

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
   * Whether alarms are made. CloudWatch charges $0.10 a month for each metric in an alarm: 13 for an HTTP source, 9 for
   * a Kafka source, 8 for a queue source, 5 for windows, 6 for the installation. `sluice cost` counts them.
   *
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * The SNS topic that alarms notify.
   *
   * @default - alarms notify no topic
   */
  readonly alarmTopic?: ITopic;

  /**
   * When the whole table is compared with Prefect, as `sluice reconcile` does it. Windows are looked at always.
   *
   * @default - by hand only
   */
  readonly reconcileEverything?: Schedule;

  /**
   * Whether a dashboard is made. It costs $3.00 a month, and so does the one of each `group`; the first three of an
   * account are free.
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
  readonly config: CompiledConfig;
  readonly table: SluiceTable;
  /** For parameters that are too large for Prefect; undefined where no route says `overflow: s3`. */
  readonly overflow: OverflowBucket | undefined;
  /** By name. Their functions, queues and dead-letter queues are there for further grants, alarms and policies. */
  readonly sources: Readonly<Record<string, DeployedSource>>;
  /** Finds overdue windows, missing records and missing runs. */
  readonly reconciler: Reconciler;
  /** The nested stacks, one for each `group` of the configuration. */
  readonly groups: readonly SourceGroup[];
  /** Of the HTTP sources; undefined without any. */
  readonly endpoint: HttpEndpoint | undefined;

  constructor(scope: Construct, id: string, props: SluiceProps) {
    super(scope, id);
    const { config } = props;
    this.config = config;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    const network = networkOf(props);
    this.table = new SluiceTable(this, 'Claims', {
      table: config.table,
      hasWindows: hasWindows(config),
      removalPolicy,
      deletionProtection: props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
    });
    this.overflow = overflowOf(this, config, removalPolicy);
    const installation = installationName(this);
    const shared = {
      config,
      installation,
      code: bundleAll(config),
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

    const { sources: configured } = config;
    this.endpoint = Object.values(configured).some(isServed)
      ? new HttpEndpoint(this, 'Endpoint', {
          installation,
          endpoint: config.endpoint,
          throttle: { ...DEFAULT_THROTTLE, ...props.throttle },
          logRetention,
          removalPolicy,
        })
      : undefined;
    // In scopes of their own: a source may be called Alarms.
    const ungrouped = this.#createSources(new Construct(this, 'Sources'), undefined, context);
    const scopeOfGroups = new Construct(this, 'Groups');
    this.groups = groupNames(config).map(
      (groupName) =>
        new SourceGroup(scopeOfGroups, groupName, {
          groupName,
          // An asset belongs to one stack, so a nested one needs its own.
          createSources: (scopeOfGroup) =>
            this.#createSources(scopeOfGroup, groupName, { ...context, code: bundleAll(config) }),
        }),
    );
    const sources = [...ungrouped, ...this.groups.flatMap((group) => group.sources)];
    this.sources = Object.fromEntries(sources.map((source) => [source.sourceName, source]));

    this.#watch(this, props, {
      installation,
      sources: [...ungrouped, ...(windows === undefined ? [] : [windows])],
      routes: { configured: config.routes, sources: this.sources },
      reconciler: this.reconciler,
      table: this.table,
      ...(this.endpoint && { endpoint: this.endpoint }),
    });
    for (const group of this.groups) {
      const { groupName, sources: grouped } = group;
      this.#watch(group, props, { installation, groupName, sources: grouped });
    }
    if (props.alarms !== false && props.alarmTopic === undefined) {
      Annotations.of(this).addInfoV2('sluice:alarms-notify-no-one', ALARMS_WITHOUT_TOPIC);
    }
    for (const stack of [Stack.of(this), ...this.groups]) addResourceLimit(stack);
    addInstallationMetadata(this, installation, config);
    this.node.addValidation({ validate: () => findSharedQueues(this, this.#others()) });
  }

  /** List the other installations of the app. */
  #others(): readonly Sluice[] {
    return this.node.root.node
      .findAll()
      .filter((construct): construct is Sluice => construct instanceof Sluice && construct !== this);
  }

  #createSources(
    scope: Construct,
    groupName: string | undefined,
    context: SourceContext,
  ): readonly DeployedSource[] {
    return Object.values(context.config.sources)
      .filter(({ group }) => group === groupName)
      .map((source) => createSource(scope, source, this.endpoint, context));
  }

  #watch(
    scope: Construct,
    { alarms = true, dashboard = true, alarmTopic: topic }: SluiceProps,
    watched: SluiceDashboardProps & Pick<SluiceAlarmsProps, 'groupName' | 'routes'>,
  ): void {
    if (alarms) new SluiceAlarms(scope, 'Alarms', { ...watched, ...(topic && { topic }) });
    if (dashboard) new SluiceDashboard(scope, 'Dashboard', watched);
  }
}

function bundleAll(config: CompiledConfig): SourceContext['code'] {
  return {
    'http-ingest': bundleHandler('http-ingest', config),
    'sqs-trigger': bundleHandler('sqs-trigger', config),
    'kafka-trigger': bundleHandler('kafka-trigger', config),
    'window-flush': bundleHandler('window-flush', config),
    'reconcile': bundleHandler('reconcile', config),
  };
}

/** In the order of the configuration. */
function groupNames({ sources }: CompiledConfig): readonly string[] {
  return [...new Set(Object.values(sources).flatMap(({ group }) => group ?? []))];
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
