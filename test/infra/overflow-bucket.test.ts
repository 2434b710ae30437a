import { RemovalPolicy } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBundle } from '../../infra/bundle.ts';
import { SluiceStack } from '../../infra/sluice-stack.ts';
import type { CompiledConfig, CompiledRoute } from '../../lib/compiled-config/compiled.ts';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import { makeTemporaryFolder } from '../support/parts/app-run.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../support/builders/compiled-config.ts';
import { makeApp, synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

const route = (name: string, from: string, overflow: 's3' | 'refuse', more: Partial<CompiledRoute> = {}) =>
  makeRoute({ name, from: [from], run: { ...makeRoute().run, overflow }, ...more });

const mails = makeSqsSource({ name: 'mails', queueArn: 'arn:aws:sqs:eu-west-1:123456789012:mails' });
/** Two sources, of which only `jobs` has routes with large batches. */
const config: CompiledConfig = makeCompiledConfig([makeSqsSource(), mails], {
  routes: [
    route('large', 'jobs', 's3'),
    route('larger', 'jobs', 's3', {
      coalesce: {
        mode: 'window',
        key: null,
        maxEvents: 100,
        maxBytes: 5_000_000,
        maxWaitSeconds: 60,
        bypassWhen: null,
      },
    }),
    route('small', 'jobs', 'refuse'),
    route('mail', 'mails', 'refuse'),
  ],
  overflow: { retentionDays: 45 },
});

describe('the bucket for parameters that are too large', () => {
  it('is made only where a route wants it', () => {
    const { stack, template } = synthesizeStack();
    expect(stack.sluice.overflow).toBeUndefined();
    template.resourceCountIs('AWS::S3::Bucket', 0);
    expect(Object.keys(template.findOutputs('*'))).not.toContain('OverflowBucketName');
  });

  it('is encrypted, closed to the public and to plain HTTP, and forgets after the time that is configured', () => {
    const { template } = synthesizeStack({ config });
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: { Rules: [{ Id: 'expire', Status: 'Enabled', ExpirationInDays: 45 }] },
      },
    });
    expect(
      propertiesOf(template, 'AWS::S3::Bucket').map((bucket) => 'VersioningConfiguration' in bucket),
    ).toEqual([false]);
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      },
    });
    expect(Object.keys(template.findOutputs('*'))).toContain('OverflowBucketName');
  });

  it('leaves with the stack where the caller says so', () => {
    const { template } = synthesizeStack({ config, removalPolicy: RemovalPolicy.DESTROY });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  it('takes objects of its own routes from each function, and is not read by any', () => {
    const { wholeTemplate: template } = synthesizeStack({ config });
    const statementsOf = (logicalId: RegExp) =>
      allowStatements(template, logicalId)
        .filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
        .map(({ actions, resources }) => ({
          actions,
          keys: resources.map((arn) => arn.replace(/^\$\{[^}]+\}/, '')),
        }));
    const put = (...keys: readonly string[]) => ({ actions: ['s3:PutObject'], keys });
    expect(statementsOf(/^Sourcesjobs/)).toEqual([put('/large/*', '/larger/*')]);
    expect(statementsOf(/^Sourcesmails/)).toEqual([]);
    // They make runs of windows of routes that were removed as well.
    expect(statementsOf(/^Windows/)).toEqual([put('/*')]);
    expect(statementsOf(/^Reconciler/)).toEqual([put('/*')]);
    expect(statementsOf(/./)).toHaveLength(3);
  });

  it('is in a variable of the functions that may put objects into it', () => {
    const { wholeTemplate: template } = synthesizeStack({ config });
    const environments = propertiesOf(template, 'AWS::Lambda::Function').map(
      ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
    );
    const told = environments.filter((variables) => 'SLUICE_OVERFLOW_BUCKET' in variables);
    expect(told.map((variables) => variables['SLUICE_SOURCE']).sort()).toEqual([
      'jobs',
      'sluice:reconcile',
      'sluice:windows',
    ]);
    const texts = told.map((variables) =>
      Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : 'https://deployed.example.com/name',
        ]),
      ),
    );
    for (const variables of texts) {
      expect(readTriggerEnvironment(variables).overflowBucket).toBe('https://deployed.example.com/name');
    }
  });

  it('passes the AWS Solutions rules, with a reason for each exception', () => {
    const app = makeApp();
    new SluiceStack(app, 'Sluice', { sluice: { config } });
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });
});

describe('the client of S3', () => {
  it.each([
    ['is in the bundle of a function whose routes need it', config, false],
    ['is left out of it where none does', makeCompiledConfig([makeSqsSource()]), true],
  ] as const)('%s', (_what, bundled, isMissing) => {
    const folder = makeTemporaryFolder();
    writeBundle('sqs-trigger', bundled, folder);
    const code = readFileSync(join(folder, 'handler.js'), 'utf8');
    expect(code.includes('require("@aws-sdk/client-s3"')).toBe(isMissing);
  });
});
