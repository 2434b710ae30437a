/** Sluice's stack as a template, without bundling anything. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdk from '../../cdk.json' with { type: 'json' };
import { SluiceStack } from '../../infra/sluice-stack.ts';
import type { SluiceProps } from '../../infra/sluice.ts';
import { makeCompiledConfig } from './compiled-config.ts';

export interface SynthesizedStack {
  readonly stack: SluiceStack;
  readonly template: Template;
}

export function synthesizeStack(props: Partial<SluiceProps> = {}): SynthesizedStack {
  const app = makeApp();
  const stack = new SluiceStack(app, 'Sluice', { sluice: { config: makeCompiledConfig(), ...props } });
  return { stack, template: Template.fromStack(stack) };
}

/** With the feature flags that the CDK command line takes from cdk.json. */
export function makeApp(): App {
  return new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] } });
}
