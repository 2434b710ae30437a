import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import { makeCompiledConfig, makeEventBridgeSource } from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

function templateOf(overrides: Parameters<typeof makeEventBridgeSource>[0] = {}): Template {
  return synthesizeStack({ config: makeCompiledConfig([makeEventBridgeSource(overrides)]) }).template;
}

function onlyId(template: Template, type: string, pattern: RegExp): string {
  const ids = Object.keys(template.findResources(type)).filter((id) => pattern.test(id));
  expect(ids).toHaveLength(1);
  return ids[0] ?? '';
}

describe('the rule', () => {
  it('puts what matches on the bus into the queue, and what it cannot put there into the dead-letter queue', () => {
    const template = templateOf();
    const queue = onlyId(template, 'AWS::SQS::Queue', /^Sourcesshopevents(?!DeadLetters)/);
    const deadLetters = onlyId(template, 'AWS::SQS::Queue', /DeadLetters/);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'shop',
      EventPattern: { 'source': ['com.example.shop'], 'detail-type': ['Order Paid'] },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [queue, 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [deadLetters, 'Arn'] } },
          Id: 'Queue',
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ],
    });
    template.resourceCountIs('AWS::Events::Rule', 1);
  });

  it.each([
    ['shop', 'rule/shop/'],
    ['default', 'rule/'],
    ['aws.partner/example.com/acme', 'rule/aws.partner/example.com/acme/'],
  ])('on the bus %s is the only one that may send, and to these two queues only', (busName, resource) => {
    const template = templateOf({ busName });
    const [rule] = propertiesOf(template, 'AWS::Events::Rule');
    const arn = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':events:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:${resource}${String(rule?.['Name'])}`,
        ],
      ],
    };
    template.resourcePropertiesCountIs(
      'AWS::SQS::QueuePolicy',
      {
        PolicyDocument: Match.objectLike({
          Statement: [
            Match.objectLike({ Effect: 'Deny' }),
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] },
              Condition: { ArnEquals: { 'aws:SourceArn': arn } },
            },
          ],
        }),
      },
      2,
    );
  });

  it('is made when it may send already, since EventBridge does not try again where it may not', () => {
    const template = templateOf();
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rule?.['DependsOn']).toEqual(Object.keys(template.findResources('AWS::SQS::QueuePolicy')).sort());
  });

  it('has a name of its own in each stack, short enough for EventBridge', () => {
    const [rule] = propertiesOf(templateOf({ name: 'n'.repeat(40) }), 'AWS::Events::Rule');
    expect(String(rule?.['Name'])).toMatch(/^Sluice[A-Za-z0-9._-]{1,58}$/);
  });
});

describe('what is behind it', () => {
  it('is a queue as behind an endpoint: encrypted, with a dead-letter queue, kept with the stack', () => {
    const template = templateOf();
    const deadLetters = onlyId(template, 'AWS::SQS::Queue', /DeadLetters/);
    template.hasResource('AWS::SQS::Queue', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        SqsManagedSseEnabled: true,
        VisibilityTimeout: 6 * 60 + 1 + 20,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] },
          maxReceiveCount: 5,
        },
      },
    });
  });

  it('is the function that reads queues, with the environment and the permissions that it needs', () => {
    const template = templateOf();
    template.resourceCountIs('AWS::Lambda::Function', 1);
    const [{ Environment } = {}] = propertiesOf(template, 'AWS::Lambda::Function');
    const variables: unknown = Environment;
    expect(variables).toMatchObject({ Variables: { SLUICE_SOURCE: 'shop-events' } });
    const queue = onlyId(template, 'AWS::SQS::Queue', /^Sourcesshopevents(?!DeadLetters)/);
    const deadLetters = onlyId(template, 'AWS::SQS::Queue', /DeadLetters/);
    const sending = allowStatements(template).filter(({ actions }) => actions.includes('sqs:SendMessage'));
    expect(sending.flatMap(({ resources }) => resources)).toEqual([`\${${deadLetters}.Arn}`]);
    const receiving = allowStatements(template).filter(({ actions }) =>
      actions.includes('sqs:ReceiveMessage'),
    );
    expect(receiving.flatMap(({ resources }) => resources)).toEqual([`\${${queue}.Arn}`]);
    const text = JSON.stringify(variables)
      .replaceAll(/\{"Ref":"[^"]+"\}/g, '"http://queue"')
      .replaceAll(/\{"Fn::GetAtt":\["[^"]+","Arn"\]\}/g, '"arn:aws:dynamodb:table"');
    const parsed = JSON.parse(text) as { readonly Variables: Readonly<Record<string, string>> };
    expect(readTriggerEnvironment(parsed.Variables)).toMatchObject({ source: 'shop-events' });
  });

  it('has the alarms and the outputs of any other queue', () => {
    const template = templateOf();
    const names = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => String(AlarmName));
    expect(names.filter((name) => name.includes('shop-events'))).toHaveLength(5);
    template.hasOutput('ShopEventsQueueUrl', Match.anyValue());
    template.hasOutput('ShopEventsDeadLettersUrl', Match.anyValue());
  });
});

describe('the subscriber of a custom bus', () => {
  const arn = 'arn:aws:events:eu-west-1:123456789012:event-busv2/orders/a1b2c3d4e5f6g7h8i9j0k1l2m';
  const customBus = { arn, metadata: { tenant: ['acme'] } };

  it('puts what matches into the queue with its metadata, for as long as EventBridge tries', () => {
    const template = templateOf({ customBus, pattern: { total: [1] } });
    const queue = onlyId(template, 'AWS::SQS::Queue', /^Sourcesshopevents(?!DeadLetters)/);
    const deadLetters = onlyId(template, 'AWS::SQS::Queue', /DeadLetters/);
    const role = onlyId(template, 'AWS::IAM::Role', /Events/);
    template.hasResource('AWS::EventsV2::Subscriber', {
      Properties: {
        EventBusArn: arn,
        FilterConfiguration: {
          Filters: [
            { Scope: 'DATA', Pattern: '{"total":[1]}' },
            { Scope: 'METADATA', Pattern: '{"tenant":["acme"]}' },
          ],
        },
        InvokeConfiguration: {
          TargetArn: { 'Fn::GetAtt': [queue, 'Arn'] },
          RoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
        },
        OnFailureConfiguration: { Arn: { 'Fn::GetAtt': [deadLetters, 'Arn'] } },
        RetryPolicy: { MaxEventAgeInSeconds: 86_400, MaxRetryAttempts: 185, RetryStrategy: 'ALL' },
        StartingPosition: 'LATEST',
        Transformer: { Type: 'WITH_METADATA' },
        Type: 'UNORDERED',
        Name: Match.stringLikeRegexp('^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('EventsRoleDefaultPolicy')]),
    });
    template.resourceCountIs('AWS::Events::Rule', 0);
  });

  it('has a role that may send to these two queues, and do nothing else', () => {
    const template = templateOf({ customBus });
    const role = onlyId(template, 'AWS::IAM::Role', /Events/);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } },
        ],
      },
    });
    const [policy] = propertiesOf(template, 'AWS::IAM::Policy').filter(({ Roles }) =>
      JSON.stringify(Roles).includes(role),
    );
    expect(policy?.['PolicyDocument']).toMatchObject({
      Statement: [{ Action: 'sqs:SendMessage', Effect: 'Allow', Resource: [{}, {}] }],
    });
  });

  it('is not there for a source that is retired', () => {
    const template = templateOf({ customBus, retired: true });
    template.resourceCountIs('AWS::EventsV2::Subscriber', 0);
    template.resourceCountIs('AWS::SQS::Queue', 2);
  });
});
