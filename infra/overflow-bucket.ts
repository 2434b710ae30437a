/** The bucket for parameters that are too large for Prefect. Flows read it, and only S3 deletes from it. */
import { CfnElement, Duration, Stack, Validations, type RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { CompiledRoute } from '../lib/compiled-config/compiled.ts';
import { OVERFLOW_BUCKET_VARIABLE } from '../lib/compiled-config/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface OverflowBucketProps {
  readonly retentionDays: number;
  readonly removalPolicy: RemovalPolicy;
}

export class OverflowBucket extends Construct {
  /** Give the role of your Prefect workers `grantRead` on it. */
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: OverflowBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // A key names its content: another version of an object would be the same.
      versioned: false,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(props.retentionDays) }],
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Nothing is ever changed here, and flow runs name what they read. A log of accesses, which needs a bucket ' +
        'of its own, can be added by the stack that holds the construct.',
    });
  }

  /** Lets the function put objects of these routes, and do nothing else. */
  bindPut(fn: PipelineFunction, routes: readonly CompiledRoute[]): void {
    for (const { name } of routes) this.#grantPut(fn, `${name}/*`);
    fn.function.addEnvironment(OVERFLOW_BUCKET_VARIABLE, this.bucket.bucketName);
  }

  /** For who makes flow runs of windows, among them those of routes that were removed since. */
  bindPutOfAnyRoute(fn: PipelineFunction): void {
    this.#grantPut(fn, '*');
    fn.function.addEnvironment(OVERFLOW_BUCKET_VARIABLE, this.bucket.bucketName);
  }

  #grantPut(fn: PipelineFunction, keys: string): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:PutObject'],
      resourceArns: [this.bucket.arnForObjects(keys)],
    });
    Validations.of(fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${this.#logicalId}.Arn>/${keys}]`,
      reason: 'The key of an object names its batch and its content, which are not known beforehand.',
    });
  }

  /** By which cdk-nag calls the bucket. */
  get #logicalId(): string {
    const { defaultChild } = this.bucket.node;
    return CfnElement.isCfnElement(defaultChild) ? Stack.of(this).getLogicalId(defaultChild) : '';
  }
}

/** Whose parameters may go to the bucket. */
export function overflowingRoutes(routes: readonly CompiledRoute[]): readonly CompiledRoute[] {
  return routes.filter(({ run }) => run.overflow === 's3');
}
