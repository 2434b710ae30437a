/** A CloudFormation template of functions that break AWS's rules when they are told to. */

/** Sends one command of the SDK and returns how it ended, or a text of a wanted length. */
const CALLER = `
const sdk = { ...require('@aws-sdk/client-dynamodb'), ...require('@aws-sdk/client-sqs') };
exports.handler = async ({ client, command, input, respondWith }) => {
  if (respondWith !== undefined) return 'x'.repeat(respondWith);
  try {
    await new sdk[client]({ maxAttempts: 1 }).send(new sdk[command](input));
    return { name: 'allowed' };
  } catch ({ name, message, $metadata }) {
    return { name, message, status: $metadata?.httpStatusCode };
  }
};`;

/** Sends the number of its invocation back to the queue that triggers it, up to a last one, and reports each. */
const LOOPER = `
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const sqs = new SQSClient({});
const send = (QueueUrl, body) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: String(body) }));
exports.handler = async ({ Records: [{ body }] }) => {
  await send(process.env.REPORT_QUEUE_URL, body);
  if (Number(body) < Number(process.env.LAST)) await send(process.env.QUEUE_URL, Number(body) + 1);
};`;

/** More than the 16 invocations that AWS lets pass. */
export const LAST_INVOCATION = 20;

export const attribute = (logicalId: string, name: string) => ({ 'Fn::GetAtt': [logicalId, name] });
export const reference = (logicalId: string) => ({ Ref: logicalId });

export function resource(type: string, properties: object): { Type: string; Properties: object } {
  return { Type: `AWS::${type}`, Properties: properties };
}

export function role(statements: readonly object[]): { Type: string; Properties: object } {
  return resource('IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    },
    Policies: [{ PolicyName: 'statements', PolicyDocument: { Statement: statements } }],
  });
}

export function nodeFunction(code: string, properties: object): { Type: string; Properties: object } {
  return resource('Lambda::Function', {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 20,
    Code: { ZipFile: code },
    ...properties,
  });
}

const table = resource('DynamoDB::Table', {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
});

function loop(name: string, recursiveLoop: 'Allow' | 'Terminate') {
  return {
    [`${name}Queue`]: resource('SQS::Queue', { VisibilityTimeout: 60 }),
    [`${name}Function`]: nodeFunction(LOOPER, {
      Role: attribute('LooperRole', 'Arn'),
      RecursiveLoop: recursiveLoop,
      Environment: {
        Variables: {
          QUEUE_URL: reference(`${name}Queue`),
          REPORT_QUEUE_URL: reference(`${name}Reports`),
          LAST: String(LAST_INVOCATION),
        },
      },
    }),
    [`${name}Reports`]: resource('SQS::Queue', {}),
    [`${name}Mapping`]: resource('Lambda::EventSourceMapping', {
      FunctionName: reference(`${name}Function`),
      EventSourceArn: attribute(`${name}Queue`, 'Arn'),
      BatchSize: 1,
    }),
  };
}

export const enforcementTemplate = {
  Resources: {
    Granted: table,
    Other: table,
    GrantedQueue: resource('SQS::Queue', {}),
    DeniedQueue: resource('SQS::Queue', {}),
    CallerRole: role([
      { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['dynamodb:PartiQLInsert', 'dynamodb:PutItem', 'dynamodb:BatchGet*'],
        Resource: attribute('Granted', 'Arn'),
      },
      { Effect: 'Allow', Action: 'sqs:Send*', Resource: '*' },
      { Effect: 'Deny', NotAction: 'sqs:GetQueueUrl', Resource: attribute('DeniedQueue', 'Arn') },
      {
        Effect: 'Allow',
        Action: 'sqs:PurgeQueue',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
      },
    ]),
    Caller: nodeFunction(CALLER, { Role: attribute('CallerRole', 'Arn') }),
    SilentRole: role([{ Effect: 'Allow', Action: 'logs:CreateLogStream', Resource: '*' }]),
    Silent: nodeFunction('exports.handler = async () => console.log("words")', {
      Role: attribute('SilentRole', 'Arn'),
    }),
    LooperRole: role([{ Effect: 'Allow', Action: ['sqs:*', 'logs:*'], Resource: '*' }]),
    ...loop('Stopped', 'Terminate'),
    ...loop('Allowed', 'Allow'),
  },
  Outputs: Object.fromEntries(
    Object.entries({
      CallerName: reference('Caller'),
      SilentName: reference('Silent'),
      GrantedTable: reference('Granted'),
      OtherTable: reference('Other'),
      GrantedQueueUrl: reference('GrantedQueue'),
      GrantedQueueArn: attribute('GrantedQueue', 'Arn'),
      DeniedQueueUrl: reference('DeniedQueue'),
      StoppedQueueUrl: reference('StoppedQueue'),
      StoppedReportsUrl: reference('StoppedReports'),
      StoppedFunction: reference('StoppedFunction'),
      AllowedQueueUrl: reference('AllowedQueue'),
      AllowedReportsUrl: reference('AllowedReports'),
    }).map(([name, Value]) => [name, { Value }]),
  ),
};
