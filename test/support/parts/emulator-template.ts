/** A CloudFormation template with what the emulator's mends are about, and a handler that shows them. */

/** Reports the size of each batch to a queue, fails as its messages tell it to, and throws at HTTP requests. */
const HANDLER = `
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const sqs = new SQSClient({});
exports.handler = async ({ Records: records }) => {
  if (records === undefined) throw new Error('what the handler says when it throws');
  await sqs.send(
    new SendMessageCommand({ QueueUrl: process.env.REPORT_QUEUE_URL, MessageBody: String(records.length) }),
  );
  const malformed = records.some(({ body }) => body === 'answer malformed');
  return { batchItemFailures: malformed ? [{ itemIdentifier: '' }] : [] };
};`;

function resource(type: string, properties: object): { Type: string; Properties: object } {
  return { Type: `AWS::${type}`, Properties: properties };
}

const attribute = (logicalId: string, name: string) => ({ 'Fn::GetAtt': [logicalId, name] });
const reference = (logicalId: string) => ({ Ref: logicalId });
const output = (value: object) => ({ Value: value });

export const emulatorTemplate = {
  Resources: {
    Role: resource('IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
      Policies: [
        {
          PolicyName: 'all',
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['sqs:*', 'logs:*'], Resource: '*' }] },
        },
      ],
    }),
    Reports: resource('SQS::Queue', {}),
    DeadLetters: resource('SQS::Queue', { VisibilityTimeout: 1 }),
    Queue: resource('SQS::Queue', {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: attribute('DeadLetters', 'Arn'), maxReceiveCount: 1 },
    }),
    Function: resource('Lambda::Function', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: attribute('Role', 'Arn'),
      Code: { ZipFile: HANDLER },
      ReservedConcurrentExecutions: 3,
      Environment: { Variables: { REPORT_QUEUE_URL: reference('Reports') } },
    }),
    QueueMapping: resource('Lambda::EventSourceMapping', {
      FunctionName: reference('Function'),
      EventSourceArn: attribute('Queue', 'Arn'),
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 3,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
    KafkaMapping: resource('Lambda::EventSourceMapping', {
      FunctionName: reference('Function'),
      Topics: ['orders'],
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['127.0.0.1:9092'] } },
      StartingPosition: 'TRIM_HORIZON',
    }),
    Api: resource('ApiGatewayV2::Api', {
      Name: 'api',
      ProtocolType: 'HTTP',
      CorsConfiguration: { AllowOrigins: ['https://example.com'], AllowMethods: ['POST'] },
    }),
    Integration: resource('ApiGatewayV2::Integration', {
      ApiId: reference('Api'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: attribute('Function', 'Arn'),
      PayloadFormatVersion: '2.0',
    }),
    Route: resource('ApiGatewayV2::Route', {
      ApiId: reference('Api'),
      RouteKey: 'POST /throws',
      Target: { 'Fn::Sub': 'integrations/${Integration}' },
    }),
    Stage: resource('ApiGatewayV2::Stage', {
      ApiId: reference('Api'),
      StageName: '$default',
      AutoDeploy: true,
    }),
    MetricMathAlarm: resource('CloudWatch::Alarm', {
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Threshold: 0,
      Metrics: [{ Id: 'sum', Expression: 'SUM(METRICS())' }],
    }),
    CompositeAlarm: resource('CloudWatch::CompositeAlarm', { AlarmRule: 'ALARM("any")' }),
  },
  Outputs: {
    QueueUrl: output(reference('Queue')),
    QueueArn: output(attribute('Queue', 'Arn')),
    ReportQueueUrl: output(reference('Reports')),
    DeadLetterQueueUrl: output(reference('DeadLetters')),
    DeadLetterQueueArn: output(attribute('DeadLetters', 'Arn')),
    FunctionName: output(reference('Function')),
    KafkaMappingId: output(reference('KafkaMapping')),
    ApiId: output(reference('Api')),
  },
};
