import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sluice } from '../../infra/sluice.ts';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
  makeWindowedConfig,
} from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: unknown;
  readonly TreatMissingData: string;
  readonly [property: string]: unknown;
}

/** By name, without the name of the installation. */
function alarmsOf(config: CompiledConfig): ReadonlyMap<string, AlarmProperties> {
  const { wholeTemplate } = synthesizeStack({ config });
  return new Map(
    propertiesOf(wholeTemplate, 'AWS::CloudWatch::Alarm').map((properties) => {
      const alarm = properties as unknown as AlarmProperties;
      return [alarm.AlarmName.replace(/^Sluice /, ''), alarm];
    }),
  );
}

const sqs = alarmsOf(makeCompiledConfig([makeSqsSource()]));
const http = alarmsOf(makeCompiledConfig([makeHttpSource()]));
const onDemand = alarmsOf(makeCompiledConfig([makeKafkaSource({ batchSize: 500 })]));
const provisioned = alarmsOf(
  makeCompiledConfig([makeKafkaSource({ provisioned: { minPollers: 1, maxPollers: 2 } })]),
);
const windowed = alarmsOf(makeWindowedConfig([makeSqsSource()]));

describe('the alarms of an installation', () => {
  it('are these, for a queue, an endpoint, topics and windows', () => {
    const shared = [
      ...['sluice:reconcile DeadLetters', 'WindowsOverdue', 'sluice:reconcile Errors'],
      ...['Throttles', 'RecursionStopped'],
    ];
    expect([...sqs.keys()].sort()).toEqual(
      [
        ...['jobs DeadLetters', 'jobs EventsRetrying', 'jobs Errors', 'jobs EverythingFiltered'],
        ...['jobs OldestMessage', ...shared],
      ].sort(),
    );
    const added = (alarms: ReadonlyMap<string, unknown>, source: string): readonly string[] =>
      [...alarms.keys()].filter((name) => !sqs.has(name.replace(source, 'jobs')));
    expect(added(http, 'orders-hook')).toEqual(['orders-hook SendersRefused', 'EndpointServerErrors']);
    expect(added(onDemand, 'orders-topic')).toEqual([
      'orders-topic ConsumerLag',
      'orders-topic PollingStopped',
    ]);
    expect([...windowed.keys()].filter((name) => name.startsWith('sluice:windows'))).toEqual([
      'sluice:windows DeadLetters',
      'sluice:windows EventsRetrying',
      'sluice:windows Errors',
      'sluice:windows OldestMessage',
    ]);
  });

  it('say what to do, name a section of the runbook that exists, and fit into CloudWatch', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    const sections = new Set(
      Array.from(runbook.matchAll(/^## (\w+)$/gm), ([, title = '']) => title.toLowerCase()),
    );
    for (const [name, { AlarmDescription }] of [...sqs, ...http, ...onDemand, ...provisioned, ...windowed]) {
      const text = JSON.stringify(AlarmDescription);
      const [, section = ''] = /Runbook: docs\/runbook\.md#(\w+)/.exec(text) ?? [];
      expect(sections, name).toContain(section);
      expect(name.toLowerCase()).toContain(section);
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, AlarmDescription:
      // 1,024 characters, also when names and URLs have taken the place of references.
      expect(text.length, name).toBeGreaterThan(150);
      expect(text.length, name).toBeLessThan(900);
    }
  });

  it('count what this installation counts, so that another one in the account does not make them fire', () => {
    const app = makeApp();
    const stack = new Stack(app, 'Jobs');
    for (const name of ['Left', 'Right']) {
      const queueArn = `arn:aws:sqs:eu-central-1:123456789012:${name}`;
      new Sluice(stack, name, { config: makeCompiledConfig([makeSqsSource({ queueArn })]) });
    }
    const template = Template.fromStack(stack);
    const text = propertiesOf(template, 'AWS::CloudWatch::Alarm').map((alarm) => JSON.stringify(alarm));
    for (const alarm of text.filter((each) => each.includes('"Namespace":"Sluice"'))) {
      expect(alarm).toMatch(/\{"Name":"stack","Value":"Jobs\/(Left|Right)"\}/);
    }
    const names = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName);
    expect(new Set(names).size).toBe(names.length);
    const stacks = propertiesOf(template, 'AWS::Lambda::Function').map(
      ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables['SLUICE_STACK'],
    );
    expect([...new Set(stacks)].sort()).toEqual(['Jobs/Left', 'Jobs/Right']);
  });

  it('notify the topic, where there is one', () => {
    const stack = new Stack(makeApp(), 'Mine');
    new Sluice(stack, 'Sluice', { config: makeCompiledConfig(), alarmTopic: new Topic(stack, 'Topic') });
    const alarms = propertiesOf(Template.fromStack(stack), 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(10);
    expect(alarms.filter(({ AlarmActions }) => AlarmActions === undefined)).toEqual([]);
  });

  it('share throttles and recursion ten functions at a time, since an alarm takes ten metrics', () => {
    const sources = Array.from({ length: 6 }, (_, index) =>
      makeHttpSource({ name: `hook-${index}`, path: `/hook-${index}` }),
    );
    const names = [...alarmsOf(makeCompiledConfig(sources)).keys()];
    expect(names.filter((name) => /^(Throttles|RecursionStopped)/.test(name))).toEqual([
      'Throttles',
      'Throttles 2',
      'RecursionStopped',
      'RecursionStopped 2',
    ]);
  });
});

describe('the alarm EventsRetrying', () => {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html:
  // a message that was received three times leaves ApproximateAgeOfOldestMessage, so while Prefect is down this alarm is
  // the only one that fires.
  it('fires within 15 minutes while Prefect is down, on standard queues, FIFO queues and topics', () => {
    for (const [alarms, service, source] of [
      [sqs, 'sqs-trigger', 'jobs'],
      [http, 'sqs-trigger', 'orders-hook'],
      [onDemand, 'kafka-trigger', 'orders-topic'],
      [windowed, 'window-flush', 'sluice:windows'],
    ] as const) {
      expect(alarms.get(`${source} EventsRetrying`)).toMatchObject({
        Namespace: 'Sluice',
        MetricName: 'EventsRetried',
        Dimensions: expect.arrayContaining([
          { Name: 'service', Value: service },
          { Name: 'stack', Value: 'Sluice' },
          { Name: 'source', Value: source },
        ]) as unknown,
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 1,
      });
    }
  });

  it('fires at the first failure where the next delivery is more than ten minutes away', () => {
    const slow = makeSqsSource({ function: { memoryMiB: 512, timeoutSeconds: 900 } });
    expect(alarmsOf(makeCompiledConfig([slow])).get('jobs EventsRetrying')).toMatchObject({
      EvaluationPeriods: 1,
    });
  });
});

describe('the alarm OldestMessage', () => {
  it('is not woken by one redelivery, and fires before the third, with which a message leaves the metric', () => {
    const slow = makeSqsSource({ function: { memoryMiB: 512, timeoutSeconds: 900 } });
    const delay = 6 * 900 + 1 + 20;
    const threshold = alarmsOf(makeCompiledConfig([slow])).get('jobs OldestMessage')?.['Threshold'];
    expect(threshold).toBeGreaterThan(delay);
    expect(threshold).toBeLessThan(2 * delay);
  });
});

describe('the alarm DeadLetters', () => {
  it('fires at the first dead letter, and stays while SQS reports nothing of a queue that nothing uses', () => {
    expect(sqs.get('jobs DeadLetters')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
  });
});

describe('the alarm EverythingFiltered', () => {
  it('compares filtered with routed events of the same hour', () => {
    const text = JSON.stringify(sqs.get('jobs EverythingFiltered'));
    expect(text).toContain('IF(filtered >= 10 AND routed < 1, 1, 0)');
    expect(text).toContain('"MetricName":"EventsFiltered"');
    expect(text).toContain('"MetricName":"EventsRouted"');
  });
});

describe('the alarm SendersRefused', () => {
  it('compares unauthorized requests with accepted events of the same hour', () => {
    const text = JSON.stringify(http.get('orders-hook SendersRefused'));
    expect(text).toContain('IF(refused >= 3 AND accepted < 1, 1, 0)');
    expect(text).toContain('"MetricName":"RequestsUnauthorized"');
    expect(text).toContain('"MetricName":"EventsAccepted"');
  });
});

describe('the alarms of topics', () => {
  it('take the topic that lags most, since the metric is reported for each topic of a function', () => {
    expect(onDemand.get('orders-topic ConsumerLag')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'OffsetLag',
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 5000,
    });
  });

  it('fire when on-demand pollers report nothing, as when they cannot reach the brokers', () => {
    expect(onDemand.get('orders-topic PollingStopped')).toMatchObject({
      MetricName: 'OffsetLag',
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
  });

  it('fire when provisioned pollers count errors, ten mappings to an alarm', () => {
    expect(provisioned.get('orders-topic PollingStopped')).toMatchObject({
      MetricName: 'PollingErrorCount',
      Dimensions: [{ Name: 'EventSourceMappingUUID' }],
      Threshold: 1,
    });
    const topics = Array.from({ length: 12 }, (_, index) => `topic-${index}`);
    const many = alarmsOf(
      makeCompiledConfig([makeKafkaSource({ topics, provisioned: { minPollers: 1, maxPollers: 2 } })]),
    );
    expect([...many.keys()].filter((name) => name.includes('PollingStopped'))).toEqual([
      'orders-topic PollingStopped',
      'orders-topic PollingStopped 2',
    ]);
  });

  it('know that only on-demand pollers make the function fail on purpose', () => {
    expect(JSON.stringify(onDemand.get('orders-topic Errors'))).toContain('fails on purpose');
    expect(JSON.stringify(provisioned.get('orders-topic Errors'))).not.toContain('fails on purpose');
  });
});
