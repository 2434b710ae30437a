/** Datapoints of metrics, and their statistics over periods, as CloudWatch keeps them. */

export interface MetricName {
  readonly namespace: string;
  readonly metricName: string;
  /** Values are texts, or intrinsic functions of a template rendered as JSON. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Datapoint extends MetricName {
  readonly atSeconds: number;
  readonly value: number;
}

export class MetricStore {
  readonly #datapoints = new Map<string, { readonly atSeconds: number; readonly value: number }[]>();

  add(datapoint: Datapoint): void {
    const key = keyOf(datapoint);
    const { atSeconds, value } = datapoint;
    this.#datapoints.set(key, [...(this.#datapoints.get(key) ?? []), { atSeconds, value }]);
  }

  /** @returns undefined if there is no datapoint in the period that starts then */
  statistic(
    metric: MetricName,
    statistic: string,
    startSeconds: number,
    periodSeconds: number,
  ): number | undefined {
    const values = (this.#datapoints.get(keyOf(metric)) ?? [])
      .filter(({ atSeconds }) => atSeconds >= startSeconds && atSeconds < startSeconds + periodSeconds)
      .map(({ value }) => value);
    if (values.length === 0) return undefined;
    switch (statistic) {
      case 'Sum':
        return values.reduce((sum, value) => sum + value, 0);
      case 'Maximum':
        return Math.max(...values);
      case 'Minimum':
        return Math.min(...values);
      case 'SampleCount':
        return values.length;
      default:
        throw new Error(`The statistic ${statistic} is not supported by these tests.`);
    }
  }
}

/** Two metrics with other dimensions are two metrics, also if one has all dimensions of the other. */
function keyOf({ namespace, metricName, dimensions }: MetricName): string {
  const sorted = Object.entries(dimensions).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([namespace, metricName, sorted]);
}
