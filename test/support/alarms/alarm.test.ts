/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html */
import { describe, expect, it } from 'vitest';
import { Alarm } from './alarm.ts';
import { evaluateMetricMath } from './metric-math.ts';
import { MetricStore } from './metric-store.ts';

const metric = { namespace: 'N', metricName: 'M', dimensions: { source: 'jobs' } };

function alarm(properties: object): Alarm {
  return new Alarm({
    AlarmName: 'alarm',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
    Namespace: 'N',
    MetricName: 'M',
    Dimensions: [{ Name: 'source', Value: 'jobs' }],
    Statistic: 'Sum',
    Period: 60,
    ...properties,
  });
}

/** @param values of one minute each, undefined for none */
function statesOf(watched: Alarm, values: readonly (number | undefined)[]): readonly string[] {
  const store = new MetricStore();
  for (const [minute, value] of values.entries()) {
    if (value !== undefined) store.add({ ...metric, atSeconds: minute * 60 + 30, value });
  }
  return values.map((_, minute) => watched.evaluate(store, (minute + 1) * 60));
}

describe('an alarm', () => {
  it('needs as many breaching datapoints among its periods as it says', () => {
    const twoOfThree = { EvaluationPeriods: 3, DatapointsToAlarm: 2 };
    expect(statesOf(alarm(twoOfThree), [1, 0, 1, 0, 0])).toEqual(['OK', 'OK', 'ALARM', 'OK', 'OK']);
    expect(statesOf(alarm({ EvaluationPeriods: 2 }), [1, 1, 0])).toEqual(['OK', 'ALARM', 'OK']);
  });

  it('treats missing data as it says', () => {
    const missing = [1, undefined, undefined];
    expect(statesOf(alarm({}), missing)).toEqual(['ALARM', 'OK', 'OK']);
    expect(statesOf(alarm({ TreatMissingData: 'ignore' }), missing)).toEqual(['ALARM', 'ALARM', 'ALARM']);
    expect(statesOf(alarm({ TreatMissingData: 'breaching' }), [0, undefined])).toEqual(['OK', 'ALARM']);
  });

  it('does not count a metric with another dimension', () => {
    const store = new MetricStore();
    const dimensions = { ...metric.dimensions, route: 'a' };
    store.add({ ...metric, dimensions, atSeconds: 1, value: 5 });
    expect(alarm({}).evaluate(store, 60)).toBe('OK');
  });

  it('adds up several metrics by metric math', () => {
    const store = new MetricStore();
    store.add({ ...metric, atSeconds: 1, value: 1 });
    const stat = (source: string) => ({
      Metric: { Namespace: 'N', MetricName: 'M', Dimensions: [{ Name: 'source', Value: source }] },
      Period: 60,
      Stat: 'Sum',
    });
    const summed = new Alarm({
      AlarmName: 'sum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      Metrics: [
        { Id: 'expr', Expression: 'SUM(METRICS())' },
        { Id: 'm0', MetricStat: stat('hook'), ReturnData: false },
        { Id: 'm1', MetricStat: stat('jobs'), ReturnData: false },
      ],
    });
    expect(summed.evaluate(store, 60)).toBe('ALARM');
  });
});

describe('metric math', () => {
  it.each([
    ['IF(a >= 10 AND b < 1, 1, 0)', { a: 10, b: 0 }, 1],
    ['IF(a >= 10 AND b < 1, 1, 0)', { a: 10, b: 1 }, 0],
    ['IF(a >= 10 OR b < 1, 1, 0)', { a: 1, b: 0 }, 1],
    ['IF(a >= 10 AND b < 1, 1, 0)', { a: 10, b: undefined }, undefined],
    ['SUM(METRICS())', { a: 1, b: undefined, c: 2 }, 3],
    ['SUM(METRICS())', { a: undefined }, undefined],
    ['(a)', { a: 4 }, 4],
  ])('%s of %j is %s', (expression, values, result) => {
    expect(evaluateMetricMath(expression, values)).toBe(result);
  });

  it.each(['AVG(METRICS())', 'a + 1', 'IF(a, 1)', 'unknown > 1', 'a > '])(
    'refuses %s, so that a new expression is not evaluated wrongly',
    (expression) => {
      expect(() => evaluateMetricMath(expression, { a: 1 })).toThrow('These tests do not support');
    },
  );
});
