import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { Sluice } from '../../infra/sluice.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';

const config = (name: string, queueArn: string) =>
  makeCompiledConfig([makeSqsSource({ name, queueArn })], { routes: [makeRoute({ from: [name] })] });

describe('the template of a stack', () => {
  it('names its routes and their deployments', () => {
    const { wholeTemplate } = synthesizeStack();
    const [{ name, run } = makeRoute()] = makeCompiledConfig().routes;
    expect(wholeTemplate.toJSON()['Metadata']).toMatchObject({
      'sluice:Sluice': { routes: { [name]: `${run.flow}/${run.deployment}` } },
    });
  });
});

describe('two installations in one app', () => {
  const jobs = 'arn:aws:sqs:eu-west-1:123456789012:jobs';

  function appWith(one: string, other: string) {
    const app = makeApp();
    new Sluice(new Stack(app, 'A'), 'Sluice', { config: config('jobs', one) });
    new Sluice(new Stack(app, 'B'), 'Sluice', { config: config('work', other) });
    return app;
  }

  it('are refused if they read one queue', () => {
    expect(() => appWith(jobs, jobs).synth()).toThrow(
      /A\/Sluice.*B\/Sluice reads the queue .*:jobs as well/s,
    );
  });

  it('are synthesized if each has a queue of its own', () => {
    expect(appWith(jobs, `${jobs}-b`).synth().stacks).toHaveLength(2);
  });
});
