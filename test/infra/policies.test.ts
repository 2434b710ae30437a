/** Policy tests come in pairs: what we deploy passes, and a violation beside it is caught. */
import { Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import {
  makeCompiledConfig,
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements } from '../support/parts/template-queries.ts';

const sources = [
  makeHttpSource(),
  makeHttpSource({ name: 'open-hook', path: '/open', verify: { scheme: 'none' } }),
  makeHttpSource({ name: 'signed-hook', path: '/signed', verify: { scheme: 'iam' } }),
  makeSqsSource(),
  makeEventBridgeSource(),
  makeKafkaSource(),
  makeKafkaSource({
    name: 'avro-topic',
    consumerGroupId: 'avro',
    format: 'avro',
    schemaRegistry: { kind: 'glue', region: 'eu-west-1' },
  }),
];
const config = makeCompiledConfig(sources, {
  routes: [makeRoute({ from: sources.map(({ name }) => name), coalesce: SAMPLE_WINDOW })],
  endpoint: {
    domains: [
      {
        name: 'events.example.com',
        certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/one',
        mutualTls: {
          bucketName: 'example-trust',
          objectKey: 'clients.pem',
          objectVersion: null,
          ownershipCertificateArn: null,
        },
      },
    ],
    disableExecuteApiEndpoint: false,
  },
});

describe('the AWS Solutions rules', () => {
  it('find nothing in a stack with every kind of source, in a VPC and out of it', () => {
    const app = makeApp();
    const stack = new SluiceStack(app, 'Sluice', { sluice: { config } });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
    });
    new SluiceStack(app, 'InVpc', { sluice: { config, vpc } });
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });

  it('stop the synthesis of a stack with a violation that is not acknowledged', () => {
    const app = makeApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new SluiceStack(app, 'Sluice', { sluice: { config } });
    const queue = new Queue(stack, 'Queue', { enforceSSL: false });
    Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'one violation is enough' });
    expect(() => app.synth()).toThrow('AwsSolutions-SQS4');
  });

  it('excuse an open endpoint for its own reason, one that the configuration gives', () => {
    const { stack } = synthesizeStack({ config });
    const reasons = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .map(({ data }) => JSON.stringify(data))
      .filter((text) => text.includes('APIG4'));
    expect(reasons).toHaveLength(2);
    expect(reasons.filter((text) => text.includes('verify: none for source open-hook'))).toHaveLength(1);
  });
});

/**
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
const VERBS_OF_COMMAND: Readonly<Record<string, readonly string[]>> = {
  BatchExecuteStatementCommand: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'],
  BatchGetItemCommand: ['dynamodb:BatchGetItem'],
  ExecuteStatementCommand: ['dynamodb:PartiQLUpdate'],
  QueryCommand: ['dynamodb:Query'],
  ScanCommand: ['dynamodb:Scan'],
  TransactWriteItemsCommand: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
};

describe('the verb on schemas of AWS Glue', () => {
  it('is that of the one command that the adapter sends', () => {
    const file = join(import.meta.dirname, '../../lib/adapters/aws/glue-schema-registry.ts');
    const commands = Array.from(
      readFileSync(file, 'utf8').matchAll(/new (\w+)Command\(/g),
      ([, name]) => name,
    );
    const granted = allowStatements(synthesizeStack({ config }).template)
      .flatMap(({ actions }) => actions)
      .filter((action) => action.startsWith('glue:'));
    expect(commands.map((name) => `glue:${name}`)).toEqual(granted);
  });
});

describe('the verbs on the table', () => {
  it('are those of the commands that the adapters send, no more and no fewer', () => {
    const folder = join(import.meta.dirname, '../../lib/adapters/dynamodb');
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const commands = [
      ...new Set(Array.from(source.matchAll(/new (\w+Command)\(/g), ([, name = '']) => name)),
    ];
    expect(commands.sort()).toEqual(Object.keys(VERBS_OF_COMMAND).sort());
    const granted = tableStatements().flatMap(({ actions }) => actions);
    expect([...new Set(granted)].sort()).toEqual([...new Set(Object.values(VERBS_OF_COMMAND).flat())].sort());
  });

  it('allow queries of the index of windows alone, and nothing else on it', () => {
    const statements = tableStatements().map(({ actions, resources }) => ({
      mayQuery: actions.includes('dynamodb:Query'),
      verbs: actions.length,
      isIndex: resources.every((arn) => arn.endsWith('/index/unclosed-windows')),
    }));
    expect(statements.filter(({ isIndex, mayQuery }) => isIndex || mayQuery)).toEqual([
      { mayQuery: true, verbs: 1, isIndex: true },
    ]);
  });
});

function tableStatements() {
  return allowStatements(synthesizeStack({ config }).wholeTemplate).filter(({ actions }) =>
    actions.some((action) => action.startsWith('dynamodb:')),
  );
}
