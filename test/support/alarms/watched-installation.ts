/**
 * The alarms of a synthesized installation over what its functions really write, on a simulated clock.
 *
 * The handlers run for real, over fakes, and their embedded metrics are read from their output, with the timestamps of
 * the simulated clock. What AWS itself counts (of functions, queues, the endpoint and pollers) is not emulated: tests put
 * those datapoints as AWS documents them, in the metrics that the template watches.
 */
import type { Template } from 'aws-cdk-lib/assertions';
import { expect, vi } from 'vitest';
import { composeTelemetry, type Telemetry } from '../../../functions/compose-telemetry.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { SOURCE_VARIABLE, STACK_VARIABLE } from '../../../lib/compiled-config/environment.ts';
import { synthesizeStack } from '../parts/synthesized-stack.ts';
import { propertiesOf } from '../parts/template-queries.ts';
import { Alarm, textOf } from './alarm.ts';
import { readEmbeddedMetrics } from './embedded-metrics.ts';
import { MetricStore, type MetricName } from './metric-store.ts';

/** A whole hour, so that periods begin with it. */
export const START_SECONDS = 1_790_000_400 - (1_790_000_400 % 3600);

/** How often CloudWatch looks at an alarm. */
const LOOK_EVERY_SECONDS = 60;

const INSTALLATION = 'Sluice';

/** Synthesizing is what takes the time. By configuration. */
const templates = new Map<CompiledConfig, Template>();

function templateOf(config: CompiledConfig): Template {
  const known = templates.get(config);
  if (known !== undefined) return known;
  const { wholeTemplate } = synthesizeStack({ config });
  templates.set(config, wholeTemplate);
  return wholeTemplate;
}

interface FunctionProperties {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

export class WatchedInstallation {
  /** Names of the alarms that any installation has seen in ALARM. */
  static readonly firedAlarms = new Set<string>();
  readonly #metrics = new MetricStore();
  readonly #alarmProperties: readonly unknown[];
  readonly #functions: readonly (readonly [logicalId: string, FunctionProperties])[];

  constructor(config: CompiledConfig) {
    const template = templateOf(config);
    this.#alarmProperties = propertiesOf(template, 'AWS::CloudWatch::Alarm');
    this.#functions = Object.entries(template.findResources('AWS::Lambda::Function')).map(
      ([logicalId, resource]) => [logicalId, resource['Properties'] as FunctionProperties],
    );
  }

  /** Without the name of the installation. */
  get alarmNames(): readonly string[] {
    return this.#alarms().map(({ name }) => withoutInstallation(name));
  }

  /** What the function of a source composes, with the names that its metrics have in the deployed function. */
  telemetryOf(service: string, source: string): Telemetry {
    vi.stubEnv(STACK_VARIABLE, INSTALLATION);
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    return composeTelemetry(service, source);
  }

  /** Run an invocation at a time of the simulated clock, and take its metrics from its log. It may fail. */
  async invoke<Result>(atSeconds: number, invocation: () => Promise<Result>): Promise<Result | Error> {
    vi.useFakeTimers({ toFake: ['Date'], now: atSeconds * 1000 });
    const log: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      log.push(String(chunk));
      return true;
    });
    try {
      return await invocation();
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      write.mockRestore();
      vi.useRealTimers();
      for (const datapoint of readEmbeddedMetrics(log.join(''))) this.#metrics.add(datapoint);
    }
  }

  /** A metric that AWS counts of a function. */
  countOfFunction(source: string, metricName: string, atSeconds: number, value = 1, part = ''): void {
    const found = this.#functions.filter(
      ([logicalId, { Environment: environment }]) =>
        environment.Variables[SOURCE_VARIABLE] === source && logicalId.includes(part),
    );
    expect(found, `functions of ${source}`).toHaveLength(1);
    const FunctionName = textOf({ Ref: found[0]?.[0] });
    this.#metrics.add({
      namespace: 'AWS/Lambda',
      metricName,
      dimensions: { FunctionName },
      atSeconds,
      value,
    });
  }

  /** A metric of another service of AWS, the one that the alarm watches. */
  count(alarmName: string, metricName: string, atSeconds: number, value = 1): void {
    const metrics = this.metricsOf(alarmName).filter((each) => each.metricName === metricName);
    expect(metrics, `metrics of ${alarmName}`).toHaveLength(1);
    for (const metric of metrics) this.#metrics.add({ ...metric, atSeconds, value });
  }

  metricsOf(alarmName: string): readonly MetricName[] {
    const alarm = this.#alarms().find(({ name }) => withoutInstallation(name) === alarmName);
    if (alarm === undefined) throw new Error(`There is no alarm ${alarmName}.`);
    return [...alarm.metrics.values()];
  }

  /** @returns by alarm: after how many seconds it goes to ALARM for the first time */
  alarmsWithin(seconds: number, fromSeconds = START_SECONDS): ReadonlyMap<string, number> {
    const firstAlarms = new Map<string, number>();
    const alarms = this.#alarms();
    const first = Math.ceil(fromSeconds / LOOK_EVERY_SECONDS) * LOOK_EVERY_SECONDS;
    for (let now = first; now <= fromSeconds + seconds; now += LOOK_EVERY_SECONDS) {
      for (const alarm of alarms.filter(({ periodSeconds }) => now % periodSeconds === 0)) {
        const name = withoutInstallation(alarm.name);
        const state = alarm.evaluate(this.#metrics, now);
        if (state !== 'ALARM' || firstAlarms.has(name)) continue;
        firstAlarms.set(name, now - fromSeconds);
        WatchedInstallation.firedAlarms.add(name);
      }
    }
    return firstAlarms;
  }

  /** @returns names of the alarms that are in ALARM at the end */
  alarmsAfter(seconds: number): readonly string[] {
    const alarms = this.#alarms();
    const states = new Map<string, string>();
    for (
      let now = START_SECONDS + LOOK_EVERY_SECONDS;
      now <= START_SECONDS + seconds;
      now += LOOK_EVERY_SECONDS
    ) {
      for (const alarm of alarms.filter(({ periodSeconds }) => now % periodSeconds === 0)) {
        states.set(withoutInstallation(alarm.name), alarm.evaluate(this.#metrics, now));
      }
    }
    return [...states].filter(([, state]) => state === 'ALARM').map(([name]) => name);
  }

  #alarms(): readonly Alarm[] {
    return this.#alarmProperties.map((properties) => new Alarm(properties));
  }
}

function withoutInstallation(name: string): string {
  return name.replace(`${INSTALLATION} `, '');
}
