import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sluice } from '../../infra/sluice.ts';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import { makeCompiledConfig, makeHttpSource, makeSqsSource } from '../support/builders/compiled-config.ts';
import { readOutput, runApp } from '../support/parts/app-run.ts';
import { makeApp } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

const YAML = `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:123456789012:jobs" } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
`;

const deployPage = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');

describe('the recipe for a deployment', () => {
  const [, script = ''] = /^## To AWS, in five commands\n.*?```sh\n(.*?)```/ms.exec(deployPage) ?? [];
  const commands = script.trim().split('\n');

  it('has five commands', () => {
    expect(commands).toHaveLength(5);
  });

  it('ends with a deployment all of whose alarms notify someone', async () => {
    const [, name = '', value = ''] = /npx cdk deploy -c (\w+)=(\S+)/.exec(commands.at(-1) ?? '') ?? [];
    const run = await runApp({ yaml: YAML, context: { [name]: value } });
    expect(run.exitCode, run.stderr).toBe(0);
    const template = Template.fromJSON(JSON.parse(readOutput(run, 'Sluice.template.json')) as object);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: value });
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(5);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([{ Ref: topic }]);
  });
});

describe('the topic of a mail address', () => {
  const stack = new SluiceStack(makeApp(), 'Sluice', {
    sluice: { config: makeCompiledConfig([makeSqsSource(), makeHttpSource({ group: 'shop' })]) },
    alarmEmail: 'you@example.com',
  });

  it('lets the alarms of this account publish, which the default policy of a topic would', () => {
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.absent() });
  });

  it('is notified by the alarms of groups as well', () => {
    const [group] = stack.sluice.groups;
    if (group === undefined) throw new Error('There is no group.');
    const alarms = propertiesOf(Template.fromStack(group), 'AWS::CloudWatch::Alarm');
    expect(alarms.filter(({ AlarmActions }) => AlarmActions === undefined)).toEqual([]);
  });
});

describe('alarms without a topic', () => {
  const message = Match.stringLikeRegexp('Alarms notify no one');

  it('are pointed out at synth', () => {
    const stack = new SluiceStack(makeApp(), 'Sluice', { sluice: { config: makeCompiledConfig() } });
    Annotations.fromStack(stack).hasInfo('*', message);
  });

  it('are not pointed out where there is a topic, or where there are no alarms', () => {
    const config = makeCompiledConfig();
    const quiet = new SluiceStack(makeApp(), 'Sluice', { sluice: { config, alarms: false } });
    Annotations.fromStack(quiet).hasNoInfo('*', message);
    const stack = new Stack(makeApp(), 'Mine');
    new Sluice(stack, 'Sluice', { config, alarmTopic: new Topic(stack, 'Topic') });
    Annotations.fromStack(stack).hasNoInfo('*', message);
  });
});
