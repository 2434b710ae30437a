import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { countAlarmMetrics } from '../../lib/cost/monitoring-cost.ts';
import {
  makeCompiledConfig,
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
  makeSqsSource,
  makeWindowedConfig,
} from '../support/builders/compiled-config.ts';
import { makeApp } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

interface AlarmMetric {
  readonly MetricStat?: unknown;
}

/** A metric of its own is one, and so is each that an expression retrieves. */
function metricsOf(alarm: Readonly<Record<string, unknown>>): number {
  const { Metrics: metrics } = alarm as { readonly Metrics?: readonly AlarmMetric[] };
  return metrics === undefined ? 1 : metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
}

function alarmMetricsOfTemplates(config: CompiledConfig): number {
  const stack = new SluiceStack(makeApp(), 'Sluice', { sluice: { config } });
  const templates = [stack, ...stack.sluice.groups].map((each) => Template.fromStack(each));
  return templates
    .flatMap((template) => propertiesOf(template, 'AWS::CloudWatch::Alarm'))
    .reduce((sum, alarm) => sum + metricsOf(alarm), 0);
}

const provisioned = { minPollers: 1, maxPollers: 2 };

describe('the alarms that an estimate is for', () => {
  it.each<[string, CompiledConfig]>([
    ['a queue', makeCompiledConfig([makeSqsSource({ expectEventsEverySeconds: 3600 })])],
    ['an endpoint', makeCompiledConfig([makeHttpSource()])],
    ['a retired endpoint', makeCompiledConfig([makeHttpSource({ retired: true })])],
    ['a rule', makeCompiledConfig([makeEventBridgeSource()])],
    ['topics on demand', makeCompiledConfig([makeKafkaSource({ topics: ['aa', 'bb'] })])],
    ['topics with pollers', makeCompiledConfig([makeKafkaSource({ topics: ['aa', 'bb'], provisioned })])],
    ['windows', makeWindowedConfig([makeSqsSource(), makeHttpSource()])],
    [
      'a route of two sources that is expected to match',
      makeCompiledConfig([makeSqsSource(), makeHttpSource()], {
        routes: [makeRoute({ from: ['jobs', 'orders-hook'], expectWithinSeconds: 3_600 })],
      }),
    ],
    ['a group', makeCompiledConfig([makeHttpSource({ group: 'shop' }), makeSqsSource()])],
  ])('evaluate as many metrics as those of %s', (_name, config) => {
    expect(countAlarmMetrics(config)).toBe(alarmMetricsOfTemplates(config));
  });
});
