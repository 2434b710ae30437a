import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countResources } from '../../infra/resource-limit.ts';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import type { CompiledConfig, CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import { estimateResources } from '../../lib/config/deployment/resource-rules.ts';
import {
  makeCompiledConfig,
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
} from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: what one template may hold.
const MAX = { Resources: 500, Outputs: 200, Parameters: 200 };
const MAX_TEMPLATE_BYTES = 1_000_000;

type Section = keyof typeof MAX;
type TemplateJson = Readonly<Partial<Record<Section, Readonly<Record<string, unknown>>>>>;

function makeHooks(count: number, groupSize = Infinity): readonly CompiledHttpSource[] {
  return Array.from({ length: count }, (_, index) => {
    const path = `/hook-${index}`;
    const group = `group-${Math.floor(index / groupSize)}`;
    return makeHttpSource({ name: `hook-${index}`, path, ...(groupSize < count && { group }) });
  });
}

function makeStack(config: CompiledConfig): SluiceStack {
  return new SluiceStack(makeApp(), 'Sluice', { sluice: { config } });
}

function appOf(stack: SluiceStack): App {
  const { root } = stack.node;
  if (root instanceof App) return root;
  throw new Error('The stack is in no app.');
}

/** Synthesize, and read all templates: those of nested stacks are files of their own. */
function templatesOf(stack: SluiceStack): readonly string[] {
  const { directory } = appOf(stack).synth();
  return readdirSync(directory)
    .filter((file) => file.endsWith('template.json'))
    .map((file) => readFileSync(join(directory, file), 'utf8'));
}

describe('a hundred HTTP sources in groups', () => {
  const stack = makeStack(makeCompiledConfig(makeHooks(100, 20)));
  const texts = templatesOf(stack);

  it('are deployed in nested stacks, each within the limits of CloudFormation', () => {
    expect(texts).toHaveLength(6);
    for (const text of texts) {
      const template = JSON.parse(text) as TemplateJson;
      for (const section of Object.keys(MAX) as Section[]) {
        expect(Object.keys(template[section] ?? {}).length, section).toBeLessThanOrEqual(MAX[section]);
      }
      expect(Buffer.byteLength(text)).toBeLessThan(MAX_TEMPLATE_BYTES);
    }
  });

  it('have their endpoints among the outputs of the main stack, and their queues among those of the group', () => {
    const main = Object.keys(Template.fromStack(stack).findOutputs('*'));
    expect(main).toContain('Hook99Endpoint');
    expect(main).not.toContain('Hook99QueueUrl');
    const [group] = stack.sluice.groups;
    if (group === undefined) throw new Error('There is no group.');
    expect(Object.keys(Template.fromStack(group).findOutputs('*'))).toContain('Hook0QueueUrl');
  });

  it('are alarmed about in the group, by names that are unique in the installation', () => {
    const names = stack.sluice.groups.flatMap((group) =>
      propertiesOf(Template.fromStack(group), 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName),
    );
    const main = propertiesOf(Template.fromStack(stack), 'AWS::CloudWatch::Alarm').map(
      ({ AlarmName }) => AlarmName,
    );
    expect(names).toContain('Sluice hook-99 EventsRetrying');
    expect(new Set([...names, ...main]).size).toBe(names.length + main.length);
  });
});

describe('the number of resources', () => {
  it('of 22 HTTP sources fits into one stack, with their alarms', () => {
    expect(countResources(makeStack(makeCompiledConfig(makeHooks(22))))).toBeLessThanOrEqual(MAX.Resources);
  });

  it('stops the synthesis before CloudFormation refuses it, and says what to do', () => {
    const stack = makeStack(makeCompiledConfig(makeHooks(30)));
    expect(() => appOf(stack).synth()).toThrow(/500\. Give some sources a `group`/);
  });

  it('is what sluice validate estimates, or a little less', () => {
    const others = [
      makeSqsSource(),
      makeEventBridgeSource(),
      makeKafkaSource({ topics: ['aa', 'bb', 'cc'] }),
    ];
    for (const sources of [makeHooks(1), makeHooks(7), makeHooks(20), others, [...makeHooks(5), ...others]]) {
      const actual = countResources(makeStack(makeCompiledConfig(sources)));
      const estimate = estimateResources(sources, true);
      expect(estimate).toBeGreaterThanOrEqual(actual);
      expect(estimate - actual).toBeLessThan(24);
    }
  });
});

describe('a retired source', () => {
  it('keeps its queue, its function and its alarms, without an endpoint or a rule', () => {
    const sources = [makeHttpSource({ retired: true }), makeEventBridgeSource({ retired: true })];
    const { template } = synthesizeStack({ config: makeCompiledConfig(sources) });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    template.resourceCountIs('AWS::Events::Rule', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    template.resourceCountIs('AWS::SQS::Queue', 4);
    const names = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName);
    expect(names).toContain('Sluice orders-hook EventsRetrying');
    expect(names).not.toContain('Sluice orders-hook SendersRefused');
  });

  it('keeps the queue that it had before', () => {
    const queuesOf = (retired: boolean): readonly string[] =>
      Object.keys(
        synthesizeStack({ config: makeCompiledConfig([makeHttpSource({ retired })]) }).template.findResources(
          'AWS::SQS::Queue',
        ),
      );
    expect(queuesOf(true)).toEqual(queuesOf(false));
  });
});
