/**
 * Reads the metrics that functions write to their logs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import * as z from 'zod';
import type { Datapoint } from './metric-store.ts';

const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const Values = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

export function readEmbeddedMetrics(log: string): readonly Datapoint[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"_aws"'))
    .flatMap((line) => datapointsOf(JSON.parse(line)));
}

function datapointsOf(json: unknown): readonly Datapoint[] {
  const { _aws: directive, ...members } = Line.parse(json);
  return directive.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name: metricName }) =>
        Values.parse(members[metricName]).map((value) => ({
          namespace: Namespace,
          metricName,
          dimensions: Object.fromEntries(names.map((name) => [name, String(members[name])])),
          atSeconds: directive.Timestamp / 1000,
          value,
        })),
      ),
    ),
  );
}
