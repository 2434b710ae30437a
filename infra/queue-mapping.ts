/** The event source mapping through which Lambda reads a queue, with the permissions that it needs. */
import type { Duration } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledFilterCriteria } from '../lib/compiled-config/compiled.ts';
import { mappingFilters } from './mapping-filters.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface QueueMappingProps {
  readonly queue: IQueue;
  readonly target: PipelineFunction;
  readonly batchSize: number;
  /** @default - Lambda's own; a FIFO queue takes none, not even one of zero */
  readonly batchWindow?: Duration;
  readonly maxConcurrency: number;
  /** ARN of the customer managed key that encrypts the queue. @default - SQS or an AWS managed key encrypts it */
  readonly kmsKeyArn?: string;
  /** @default - every message reaches the function */
  readonly filterCriteria?: CompiledFilterCriteria;
}

export class QueueMapping extends Construct {
  constructor(scope: Construct, id: string, props: QueueMappingProps) {
    super(scope, id);
    const { queue, target, batchWindow, kmsKeyArn, filterCriteria } = props;
    // What AWSLambdaSQSQueueExecutionRole has, and what lets a message be redelivered before the time-out of its queue.
    // `grantConsumeMessages` adds an action that is not used.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, "Setting up execution role permissions"
    Grant.addToPrincipal({
      grantee: target,
      actions: [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ChangeMessageVisibility',
      ],
      resourceArns: [queue.queueArn],
    });
    if (kmsKeyArn !== undefined) target.bindDecrypt(kmsKeyArn);
    new EventSourceMapping(this, 'Mapping', {
      target: target.function,
      eventSourceArn: queue.queueArn,
      batchSize: props.batchSize,
      ...(batchWindow !== undefined && { maxBatchingWindow: batchWindow }),
      maxConcurrency: props.maxConcurrency,
      reportBatchItemFailures: true,
      ...(filterCriteria !== undefined && { filters: mappingFilters(filterCriteria) }),
    });
  }
}
