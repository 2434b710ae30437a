/** The alarms of routes: does anything reach a route that says how often something should? */
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { EXPECTED_ROUTE_METRIC } from '../lib/compiled-config/expected-routes.ts';
import type { CompiledRoute } from '../lib/compiled-config/compiled.ts';
import { addAlarm, FIVE_MINUTES, sumOf, type AlarmContext } from './alarm-rule.ts';
import type { DeployedSource } from './source.ts';

const ONE_HOUR = Duration.hours(1);

/** Only the user knows how often events come, so this alarm is made where the configuration says it. */
export function addRouteAlarms(
  scope: Construct,
  routes: readonly CompiledRoute[],
  sources: Readonly<Record<string, DeployedSource>>,
  context: AlarmContext,
): void {
  for (const { name, from, expectWithinSeconds } of routes) {
    if (expectWithinSeconds === undefined) continue;
    // CloudWatch looks back a day, or seven days with periods of an hour or more.
    const period = expectWithinSeconds > Duration.days(1).toSeconds() ? ONE_HOUR : FIVE_MINUTES;
    const metrics = from.flatMap((source) =>
      sources[source] === undefined
        ? []
        : [sources[source].trigger.metricOfRoute(EXPECTED_ROUTE_METRIC, name, { period, statistic: 'sum' })],
    );
    addAlarm(new Construct(scope, name), context, {
      question: 'RouteSilent',
      subject: name,
      metric: sumOf(metrics, period),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: Math.ceil(expectWithinSeconds / period.toSeconds()),
      treatMissingData: TreatMissingData.BREACHING,
      description:
        `Route ${name}: no event has matched it for ${Duration.seconds(expectWithinSeconds).toHumanString()} ` +
        `(expect.within). Check first whether its sources get events (${from.join(', ')}), then compare \`when\` with ` +
        'the type and the data that the events really have.',
    });
  }
}
