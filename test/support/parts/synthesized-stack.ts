/** Sluice's stack as a template, without bundling anything. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdk from '../../../cdk.json' with { type: 'json' };
import { SluiceStack } from '../../../infra/sluice-stack.ts';
import type { SluiceProps } from '../../../infra/sluice.ts';
import { makeCompiledConfig } from '../builders/compiled-config.ts';

export interface SynthesizedStack {
  readonly stack: SluiceStack;
  /** Without the reconciliation, which is there whatever is configured. */
  readonly template: Template;
  readonly wholeTemplate: Template;
}

export function synthesizeStack(props: Partial<SluiceProps> = {}): SynthesizedStack {
  const app = makeApp();
  const stack = new SluiceStack(app, 'Sluice', { sluice: { config: makeCompiledConfig(), ...props } });
  const wholeTemplate = Template.fromStack(stack);
  return { stack, template: withoutReconciliation(wholeTemplate), wholeTemplate };
}

function withoutReconciliation(template: Template): Template {
  const { Resources: resources, ...rest } = template.toJSON() as { readonly Resources: object };
  const others = Object.entries(resources).filter(([id]) => !/^(Alarms)?Reconciler/.test(id));
  return Template.fromJSON({ ...rest, Resources: Object.fromEntries(others) });
}

/** With the feature flags that the CDK command line takes from cdk.json. */
export function makeApp(): App {
  return new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] } });
}
