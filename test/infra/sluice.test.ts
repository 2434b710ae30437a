import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import type { CompiledVerification } from '../../lib/compiled-config/compiled-verification.ts';
import {
  readHttpIngestEnvironment,
  readRunInquiryEnvironment,
  readTriggerEnvironment,
  STACK_VARIABLE,
} from '../../lib/compiled-config/environment.ts';
import { Sluice } from '../../infra/sluice.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
  makeWindowedConfig,
} from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

const fifoArn = 'arn:aws:sqs:eu-west-1:123456789012:jobs.fifo';
const fifoQueue = { batchSize: 10, batchWindowSeconds: 0, maxConcurrency: 4, maxReceiveCount: 7 };

describe('the table', () => {
  it('is billed on demand, forgets by TTL, recovers to a point in time and refuses deletion', () => {
    const { template } = synthesizeStack();
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'x', AttributeType: 'S' },
          { AttributeName: 'z', AttributeType: 'N' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'unclosed-windows',
            KeySchema: [
              { AttributeName: 'x', KeyType: 'HASH' },
              { AttributeName: 'z', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });

  it('may be deleted with the stack, but only where the caller says so', () => {
    const { template } = synthesizeStack({ removalPolicy: RemovalPolicy.DESTROY });
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
    const { template: stillProtected } = synthesizeStack({
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: true,
    });
    stillProtected.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
  });
});

describe('the queues', () => {
  it('keep what they hold when the stack goes, by default', () => {
    const { template } = synthesizeStack();
    const queues = Object.values(template.findResources('AWS::SQS::Queue'));
    expect(queues).toHaveLength(3);
    expect(queues.map((queue: { DeletionPolicy?: unknown }) => queue.DeletionPolicy)).toEqual(
      queues.map(() => 'RetainExceptOnCreate'),
    );
  });

  it('are encrypted, keep messages for 14 days and refuse plain HTTP', () => {
    const { template } = synthesizeStack();
    template.allResourcesProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
    template.resourceCountIs('AWS::SQS::QueuePolicy', 3);
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: Match.objectLike({
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      }),
    });
  });

  it('hide a message for six time-outs, the batch window and 20 s, and give up after maxReceiveCount', () => {
    const source = makeHttpSource({
      function: { memoryMiB: 256, timeoutSeconds: 30 },
      queue: { batchSize: 50, batchWindowSeconds: 5, maxConcurrency: 4, maxReceiveCount: 7 },
    });
    const { template } = synthesizeStack({ config: makeCompiledConfig([source]) });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * 30 + 5 + 20,
      RedrivePolicy: {
        maxReceiveCount: 7,
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'Arn'] },
      },
    });
  });

  it('for dead letters are standard queues, whatever kind of queue the source is', () => {
    const { template } = synthesizeStack({
      config: makeCompiledConfig([makeSqsSource({ queueArn: fifoArn, queue: fifoQueue })]),
    });
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: Match.absent() });
  });
});

describe('the functions', () => {
  it('log from the level on that the configuration names', () => {
    const logs = { level: 'WARN', outcomes: { kind: 'all' } } as const;
    const { wholeTemplate } = synthesizeStack({
      config: makeCompiledConfig([makeHttpSource(), makeKafkaSource()], { logs }),
    });
    const levels = propertiesOf(wholeTemplate, 'AWS::Lambda::Function').map(
      ({ Environment }) =>
        (Environment as { Variables: Record<string, unknown> }).Variables['POWERTOOLS_LOG_LEVEL'],
    );
    expect(levels).toEqual(['WARN', 'WARN', 'WARN', 'WARN']);
  });

  it('run on arm64 and Node 24 with the memory and the time-out of their source', () => {
    const source = makeSqsSource({ function: { memoryMiB: 1024, timeoutSeconds: 120 } });
    const { template } = synthesizeStack({ config: makeCompiledConfig([source]) });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'handler.handler',
      MemorySize: 1024,
      Timeout: 120,
    });
  });

  it('answer a request before API Gateway gives it up after 30 s', () => {
    const slow = makeHttpSource({ function: { memoryMiB: 512, timeoutSeconds: 600 } });
    const { template } = synthesizeStack({ config: makeCompiledConfig([slow]) });
    expect(propertiesOf(template, 'AWS::Lambda::Function').map(({ Timeout }) => Timeout)).toEqual([600, 29]);
    const quick = makeHttpSource({ function: { memoryMiB: 512, timeoutSeconds: 10 } });
    const { template: quickTemplate } = synthesizeStack({ config: makeCompiledConfig([quick]) });
    quickTemplate.allResourcesProperties('AWS::Lambda::Function', { Timeout: 10 });
  });

  it('of one kind share one asset', () => {
    const sources = [
      makeHttpSource(),
      makeHttpSource({ name: 'other-hook', path: '/other' }),
      makeSqsSource(),
    ];
    const { template } = synthesizeStack({ config: makeCompiledConfig(sources) });
    const functions = propertiesOf(template, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    expect(new Set(functions.map(({ Code }) => JSON.stringify(Code))).size).toBe(2);
  });

  it('of one source write to one log group with a retention, which is not that of another source', () => {
    const { template } = synthesizeStack({ logRetention: RetentionDays.ONE_WEEK });
    const groups = propertiesOf(template, 'AWS::Lambda::Function').map(({ LoggingConfig }) =>
      JSON.stringify(LoggingConfig),
    );
    expect(groups).toHaveLength(3);
    expect(new Set(groups).size).toBe(2);
    // Two sources, and the access log of the endpoint.
    template.resourceCountIs('AWS::Logs::LogGroup', 3);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  it.each([
    ['accepts HTTP events', makeHttpSource(), /accepts/, readHttpIngestEnvironment],
    ['makes flow runs of HTTP events', makeHttpSource(), /makes flow runs of the/, readTriggerEnvironment],
    ['makes flow runs of messages', makeSqsSource(), /makes flow runs of the/, readTriggerEnvironment],
    ['makes flow runs of Kafka records', makeKafkaSource(), /makes flow runs of the/, readTriggerEnvironment],
    ['flushes windows', makeSqsSource(), /windows/, readTriggerEnvironment],
  ])(
    '%s: one is given the variables that its parser requires, and none that it does not know',
    (_what, source, description, read) => {
      const { template } = synthesizeStack({ config: makeWindowedConfig([source]) });
      const functions = propertiesOf(template, 'AWS::Lambda::Function').filter(({ Description }) =>
        description.test(String(Description)),
      );
      expect(functions).toHaveLength(1);
      for (const { Environment } of functions) {
        const names = Object.keys((Environment as { Variables: object }).Variables);
        const env = Object.fromEntries(names.map((name) => [name, 'https://example.com/value']));
        const asked = new Set<string>();
        read(
          new Proxy(env, {
            get(target, name: string) {
              asked.add(name);
              return target[name];
            },
          }),
        );
        // What is asked for and not given is optional: the parser has not complained.
        expect([STACK_VARIABLE, 'POWERTOOLS_LOG_LEVEL', ...asked]).toEqual(expect.arrayContaining(names));
      }
    },
  );

  it('that put events into windows and flush them may write to the table and set timers, and no others', () => {
    const windowed = synthesizeStack({ config: makeWindowedConfig([makeSqsSource()]) }).template;
    const writersOf = (each: Template) =>
      allowStatements(each).filter(({ actions }) => actions.includes('dynamodb:UpdateItem'));
    expect(writersOf(windowed)).toHaveLength(2);
    windowed.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('WindowsFlush') },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumBatchingWindowInSeconds: Match.absent(),
    });
    const { template } = synthesizeStack({ config: makeCompiledConfig([makeSqsSource()]) });
    expect(writersOf(template)).toEqual([]);
  });

  it('that call Prefect join the VPC, those that only answer requests stay outside', () => {
    const stack = new Stack(makeApp(), 'Mine');
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
    });
    new Sluice(stack, 'Sluice', { config: makeCompiledConfig(), vpc });
    const template = Template.fromStack(stack);
    const inVpc = propertiesOf(template, 'AWS::Lambda::Function').map(({ Description, VpcConfig }) => [
      String(Description).includes('accepts') ? 'answers' : 'calls Prefect',
      VpcConfig !== undefined,
    ]);
    expect(inVpc).toEqual([
      ['calls Prefect', true],
      ['calls Prefect', true],
      ['answers', false],
      ['calls Prefect', true],
    ]);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['ec2:CreateNetworkInterface']), Resource: '*' }),
        ]),
      }),
    });
  });
});

describe('the event source mappings', () => {
  it('take batches, report failures per message and respect the concurrency limit', () => {
    const queue = { batchSize: 50, batchWindowSeconds: 5, maxConcurrency: 4, maxReceiveCount: 7 };
    const { template } = synthesizeStack({
      config: makeCompiledConfig([makeHttpSource({ queue }), makeSqsSource({ queue })]),
    });
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });

  it('of a queue of the user have the filters of the source, and no others', () => {
    const source = makeSqsSource({ filterCriteria: [{ body: { type: ['order.paid'] } }] });
    const { template } = synthesizeStack({ config: makeCompiledConfig([source, makeHttpSource()]) });
    const filters = propertiesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ FilterCriteria }) => FilterCriteria,
    );
    expect(filters.filter((each) => each !== undefined)).toEqual([
      { Filters: [{ Pattern: '{"body":{"type":["order.paid"]}}' }] },
    ]);
  });

  it('of a FIFO queue have no batch window', () => {
    const source = makeSqsSource({ queueArn: fifoArn, queue: fifoQueue });
    const { template } = synthesizeStack({ config: makeCompiledConfig([source]) });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: fifoArn,
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
    });
  });
});

describe('the endpoint', () => {
  it('has the name of the installation, and access logs outside the resource policy that all APIs share', () => {
    const { template } = synthesizeStack();
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { Name: 'Sluice' });
    const names = propertiesOf(template, 'AWS::Logs::LogGroup').flatMap(
      ({ LogGroupName: name }) => name ?? [],
    );
    expect(names).toHaveLength(1);
    // API Gateway adds every other group to one policy of 5,120 characters.
    expect(JSON.stringify(names)).toContain('"/aws/vendedlogs/sluice/');
  });

  it('has one route for each HTTP source, by POST alone', () => {
    const sources = [makeHttpSource(), makeHttpSource({ name: 'other-hook', path: '/hooks/other' })];
    const { template } = synthesizeStack({ config: makeCompiledConfig(sources) });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey)).toEqual([
      'POST /orders',
      'POST /hooks/other',
    ]);
  });

  it('has another route where senders ask first, which no authorizer stops, and grants the verify token', () => {
    const token = { parameter: 'hub.verify_token', secret: 'sluice/verify' };
    const challenge = { in: 'query', name: 'hub.challenge' } as const;
    const answer = { kind: 'text' } as const;
    const { template } = synthesizeStack({
      config: makeCompiledConfig([
        makeHttpSource({ name: 'a', path: '/a', handshake: { method: 'GET', challenge, answer, token } }),
        makeHttpSource({
          name: 'b',
          path: '/b',
          verify: { scheme: 'iam' },
          handshake: { method: 'HEAD', challenge: null, answer: { kind: 'empty' }, token: null },
        }),
        makeHttpSource({
          name: 'c',
          path: '/c',
          handshake: { method: 'POST', challenge, answer, token: null },
        }),
        makeHttpSource({ name: 'd', path: '/d', webhookOrigins: ['eventgrid.azure.net'] }),
      ]),
    });
    expect(
      propertiesOf(template, 'AWS::ApiGatewayV2::Route').map(({ RouteKey, AuthorizationType }) => [
        RouteKey,
        AuthorizationType,
      ]),
    ).toEqual([
      ['POST /a', 'NONE'],
      ['GET /a', 'NONE'],
      ['POST /b', 'AWS_IAM'],
      ['HEAD /b', 'NONE'],
      ['POST /c', 'NONE'],
      ['POST /d', 'NONE'],
      ['OPTIONS /d', 'NONE'],
    ]);
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', 4);
    expect(JSON.stringify(propertiesOf(template, 'AWS::IAM::Policy'))).toContain(
      'secret:sluice/verify-??????',
    );
  });

  it('asks for AWS signatures where the source says iam, and leaves the others to the function', () => {
    const { template } = synthesizeStack({
      config: makeCompiledConfig([
        makeHttpSource({ name: 'a', path: '/a', verify: { scheme: 'iam' } }),
        makeHttpSource({ name: 'b', path: '/b', verify: { scheme: 'bearer', secret: 's' } }),
        makeHttpSource({ name: 'c', path: '/c', verify: { scheme: 'none' } }),
      ]),
    });
    expect(
      propertiesOf(template, 'AWS::ApiGatewayV2::Route').map(({ RouteKey, AuthorizationType }) => [
        RouteKey,
        AuthorizationType,
      ]),
    ).toEqual([
      ['POST /a', 'AWS_IAM'],
      ['POST /b', 'NONE'],
      ['POST /c', 'NONE'],
    ]);
  });

  it('is throttled and logs who asked for what, but neither headers nor bodies', () => {
    const { template } = synthesizeStack({ throttle: { rateLimit: 5 } });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 2000 },
      AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('header|body|querystring')) },
    });
  });

  it('does not exist where no source needs it', () => {
    const { template } = synthesizeStack({ config: makeCompiledConfig([makeSqsSource()]) });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
  });
});

describe('permissions', () => {
  it('name their actions and resources one by one', () => {
    const { template } = synthesizeStack();
    const statements = allowStatements(template);
    expect(statements.length).toBeGreaterThan(10);
    for (const { actions, resources } of statements) {
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      expect(resources.filter((resource) => resource.includes('*'))).toEqual([]);
    }
  });

  it('let the endpoint read the secret that it verifies with, whatever the scheme, and no other', () => {
    const verifications: readonly CompiledVerification[] = [
      { scheme: 'api-key', secret: 'hook/key', header: 'x-api-key' },
      { scheme: 'webhook', provider: 'github', secret: 'hook/github', toleranceSeconds: 0, publicUrl: null },
      { scheme: 'mtls', subjects: null },
    ];
    const { template } = synthesizeStack({
      config: makeCompiledConfig(
        verifications.map((verify, index) =>
          makeHttpSource({ name: `s${index}`, path: `/${index}`, verify }),
        ),
      ),
    });
    const readable = allowStatements(template)
      .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ resources }) => resources.map((resource) => JSON.stringify(resource)))
      .filter((resource) => resource.includes('hook'));
    expect(readable.map((resource) => /hook\/[a-z]+/.exec(resource)?.[0])).toEqual([
      'hook/key',
      'hook/github',
    ]);
  });

  it('come from no managed policy', () => {
    const { template } = synthesizeStack();
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('of the function that answers requests are its log, its queue and its secret', () => {
    const { template } = synthesizeStack({ config: makeCompiledConfig([makeHttpSource()]) });
    expect(allowStatements(template, /Ingest/).map(({ actions }) => actions)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['sqs:SendMessage'],
      ['secretsmanager:GetSecretValue'],
    ]);
  });

  it('of one that answers with flow runs are these, and to read the table by key', () => {
    const respond = { mode: 'run', maxWaitSeconds: 10 } as const;
    const { template } = synthesizeStack({ config: makeCompiledConfig([makeHttpSource({ respond })]) });
    expect(allowStatements(template, /Ingest/).map(({ actions }) => actions)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['sqs:SendMessage'],
      ['secretsmanager:GetSecretValue'],
      ['dynamodb:BatchGetItem'],
    ]);
    const [ingest] = propertiesOf(template, 'AWS::Lambda::Function').filter(({ Description }) =>
      String(Description).includes('accepts'),
    );
    const { Variables } = ingest?.['Environment'] as { Variables: Record<string, string> };
    expect(readRunInquiryEnvironment({ ...Variables, SLUICE_TABLE_NAME: 'table' })).toEqual({
      tableName: 'table',
    });
    expect(Object.keys(Variables)).toContain('SLUICE_TABLE_NAME');
  });

  it('of the function that makes flow runs are its log, the table, its dead letters, its queue and a secret', () => {
    const { template } = synthesizeStack({ config: makeCompiledConfig([makeSqsSource()]) });
    const statements = allowStatements(template, /Trigger/);
    expect(statements.map(({ actions }) => actions.join(' '))).toEqual([
      'logs:CreateLogStream logs:PutLogEvents',
      'dynamodb:BatchGetItem dynamodb:PartiQLInsert dynamodb:PartiQLUpdate',
      'sqs:SendMessage',
      'secretsmanager:GetSecretValue',
      'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage',
    ]);
    expect(statements.at(-1)?.resources).toEqual(['arn:aws:sqs:eu-west-1:123456789012:jobs']);
  });

  it('to read a secret end where its name ends, be it given by name or by ARN', () => {
    const fullArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prefect-a1B2c3';
    const partialArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:sluice/prefect';
    const resourcesFor = (authSecret: string | null): string[] => {
      const config = makeCompiledConfig([makeSqsSource()]);
      const { template } = synthesizeStack({
        config: { ...config, prefect: { ...config.prefect, authSecret } },
      });
      return allowStatements(template)
        .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
        .flatMap(({ resources }) => resources);
    };
    expect(resourcesFor(fullArn)).toEqual([fullArn, `${fullArn}-??????`]);
    expect(resourcesFor(partialArn)).toEqual([`${partialArn}-??????`]);
    expect(resourcesFor('sluice/prefect')).toEqual([
      'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:sluice/prefect-??????',
    ]);
    expect(resourcesFor(null)).toEqual([]);
  });
});

describe('alarms', () => {
  it('and the dashboard can be left out', () => {
    const { template } = synthesizeStack({ alarms: false, dashboard: false });
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});

describe('the dashboard', () => {
  it('has a row for each source', () => {
    const { template } = synthesizeStack();
    const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(dashboard);
    for (const name of ['orders-hook', 'jobs']) expect(body).toContain(`## ${name}`);
  });
});

describe('the outputs', () => {
  it('say where to post, where events wait, where dead letters end and where claims are', () => {
    const { template } = synthesizeStack();
    expect(Object.keys(template.findOutputs('*'))).toEqual([
      'TableName',
      'OrdersHookEndpoint',
      'OrdersHookQueueUrl',
      'OrdersHookDeadLettersUrl',
      'JobsQueueUrl',
      'JobsDeadLettersUrl',
    ]);
    template.hasOutput('OrdersHookEndpoint', {
      Value: {
        'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('Api'), 'ApiEndpoint'] }, '/orders']],
      },
    });
  });
});
