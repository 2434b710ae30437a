/**
 * Evaluates an alarm of a template, as CloudWatch does: periods, datapoints to alarm, missing data.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 *
 * Periods are aligned to the clock here, and a period counts when it is over. CloudWatch looks every minute and may alarm
 * a little earlier.
 */
import * as z from 'zod';
import { evaluateMetricMath } from './metric-math.ts';
import type { MetricName, MetricStore } from './metric-store.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const Dimensions = z
  .array(z.object({ Name: z.string(), Value: z.unknown() }))
  .default([])
  .transform((dimensions) => Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, textOf(Value)])));

const MetricStat = z.object({
  Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions }),
  Period: z.number(),
  Stat: z.string(),
});

const AlarmProperties = z.object({
  AlarmName: z.string(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore']),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions,
  Statistic: z.string().optional(),
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.object({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: MetricStat.optional(),
        Period: z.number().optional(),
      }),
    )
    .optional(),
});

interface WatchedMetric extends MetricName {
  readonly statistic: string;
}

export class Alarm {
  readonly name: string;
  readonly periodSeconds: number;
  /** By the id in the expression; a single metric has the id `m`. */
  readonly metrics: ReadonlyMap<string, WatchedMetric>;
  readonly #properties: z.infer<typeof AlarmProperties>;
  readonly #expression: string;
  #state: AlarmState = 'INSUFFICIENT_DATA';

  constructor(properties: unknown) {
    const parsed = AlarmProperties.parse(properties);
    this.#properties = parsed;
    this.name = parsed.AlarmName;
    const stats = (parsed.Metrics ?? []).flatMap(({ Id: id, MetricStat: stat }) =>
      stat === undefined ? [] : [{ id, stat }],
    );
    const { Namespace: namespace, MetricName: metricName, Statistic: statistic } = parsed;
    if (namespace !== undefined && metricName !== undefined && statistic !== undefined) {
      this.#expression = 'm';
      this.metrics = new Map([['m', { namespace, metricName, dimensions: parsed.Dimensions, statistic }]]);
    } else {
      this.#expression = parsed.Metrics?.find(({ Expression }) => Expression !== undefined)?.Expression ?? '';
      this.metrics = new Map(
        stats.map(({ id, stat: { Metric, Stat } }) => [
          id,
          {
            namespace: Metric.Namespace,
            metricName: Metric.MetricName,
            dimensions: Metric.Dimensions,
            statistic: Stat,
          },
        ]),
      );
    }
    const periods = new Set([
      ...(parsed.Period === undefined ? [] : [parsed.Period]),
      ...stats.map(({ stat }) => stat.Period),
    ]);
    const [periodSeconds, ...others] = periods;
    if (periodSeconds === undefined || others.length > 0)
      throw new Error(`${this.name} has several periods.`);
    this.periodSeconds = periodSeconds;
  }

  /** Look at the last periods that are over. To be called once for each period, in order. */
  evaluate(metrics: MetricStore, nowSeconds: number): AlarmState {
    const { EvaluationPeriods: count, TreatMissingData: missing } = this.#properties;
    const end = Math.floor(nowSeconds / this.periodSeconds) * this.periodSeconds;
    const breaches = Array.from({ length: count }, (_, index) => {
      const value = this.#valueAt(metrics, end - (index + 1) * this.periodSeconds);
      return value === undefined ? undefined : this.#isBreach(value);
    });
    const hasData = breaches.some((breach) => breach !== undefined);
    if (!hasData && missing === 'ignore') return this.#state;
    const needed = this.#properties.DatapointsToAlarm ?? count;
    const breaching = breaches.filter((breach) => breach ?? missing === 'breaching').length;
    this.#state = breaching >= needed ? 'ALARM' : 'OK';
    return this.#state;
  }

  #valueAt(store: MetricStore, startSeconds: number): number | undefined {
    const values = Object.fromEntries(
      Array.from(this.metrics, ([id, metric]) => [
        id,
        store.statistic(metric, metric.statistic, startSeconds, this.periodSeconds),
      ]),
    );
    return evaluateMetricMath(this.#expression, values);
  }

  #isBreach(value: number): boolean {
    const { ComparisonOperator: operator, Threshold: threshold } = this.#properties;
    return operator === 'LessThanThreshold' ? value < threshold : value >= threshold;
  }
}

/** @returns an identity of the value of a dimension, which may be a reference to a resource */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
