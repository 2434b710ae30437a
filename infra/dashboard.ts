/**
 * The dashboard of an installation: what came in, what became of it, what waits, and what it costs. CloudWatch charges
 * $3.00 a month for it.
 */
import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  PeriodOverride,
  TextWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { HttpEndpoint } from './http-endpoint.ts';
import { METRICS_NAMESPACE } from './pipeline-function.ts';
import type { Reconciler } from './reconciler.ts';
import type { SluiceTable } from './sluice-table.ts';
import type { DeployedSource } from './source.ts';

export interface SluiceDashboardProps {
  readonly installation: string;
  readonly sources: readonly DeployedSource[];
  /** @default - it is on another dashboard */
  readonly table?: SluiceTable;
  /** @default - it is on another dashboard */
  readonly reconciler?: Reconciler;
  /** @default - no source is an endpoint */
  readonly endpoint?: HttpEndpoint;
}

const ROW_WIDTH = 24;
const period = Duration.minutes(1);

export class SluiceDashboard extends Construct {
  constructor(scope: Construct, id: string, props: SluiceDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.AUTO,
      widgets: [
        sharedRow(props),
        ...props.sources.flatMap((source) => sourceRows(source, props.installation)),
      ],
    });
  }
}

function sharedRow({ endpoint, table, reconciler, installation }: SluiceDashboardProps): IWidget[] {
  return [
    ...(endpoint === undefined
      ? []
      : [
          graph('Endpoint: requests and refusals', [
            endpoint.api.metricCount({ period }),
            endpoint.api.metricClientError({ period }),
            endpoint.api.metricServerError({ period }),
          ]),
        ]),
    ...(table === undefined
      ? []
      : [
          graph('Table: units consumed', [
            table.table.metricConsumedWriteCapacityUnits({ period }),
            table.table.metricConsumedReadCapacityUnits({ period }),
          ]),
        ]),
    ...(reconciler === undefined
      ? []
      : [graph('Reconciliation: overdue windows', [countedAs(reconciler.name, installation)])]),
  ];
}

function sourceRows(source: DeployedSource, installation: string): IWidget[][] {
  const functions = source.ingest === undefined ? [source.trigger] : [source.ingest, source.trigger];
  return [
    [new TextWidget({ markdown: `## ${source.sourceName}`, width: ROW_WIDTH, height: 1 })],
    [
      graph('What became of the events', [countedAs(source.sourceName, installation)]),
      graph('Waiting', waiting(source)),
      graph('Dead letters', [
        source.deadLetters.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
      ]),
      graph(
        'Functions',
        functions.flatMap(({ function: fn }) => [
          fn.metricInvocations({ period }),
          fn.metricErrors({ period }),
          fn.metricThrottles({ period }),
        ]),
      ),
    ],
  ];
}

function waiting({ backlog, trigger }: DeployedSource): IMetric[] {
  switch (backlog.kind) {
    case 'queue':
      return [
        backlog.queue.metricApproximateNumberOfMessagesVisible({ period }),
        backlog.queue.metricApproximateNumberOfMessagesNotVisible({ period }),
        backlog.queue.metricApproximateAgeOfOldestMessage({ period }),
      ];
    case 'topics':
      return [trigger.function.metric('OffsetLag', { period, statistic: 'max' })];
  }
}

/**
 * All metrics that the functions count for a source of this installation, so that a new one appears by itself. Those
 * with further dimensions, by route or by code, are left out:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
function countedAs(sourceName: string, installation: string): IMetric {
  return new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},service,source,stack} source="${sourceName}" stack="${installation}"', 'Sum', ${String(period.toSeconds())})`,
    label: '',
    period,
  });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: ROW_WIDTH / 4, height: 6 });
}
