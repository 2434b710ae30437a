/** The table of claims and batch records. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TABLE_NAME_VARIABLE } from '../lib/config/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface SluiceTableProps {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

export class SluiceTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: SluiceTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // Epoch seconds. DynamoDB deletes up to two days late, so readers compare it with the time as well.
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.deletionProtection,
      removalPolicy: props.removalPolicy,
    });
  }

  /** Claims and records are inserted and moved by PartiQL and read back by key; nothing is scanned or deleted. */
  bindClaims(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'],
      resourceArns: [this.table.tableArn],
    });
    fn.function.addEnvironment(TABLE_NAME_VARIABLE, this.table.tableName);
  }
}
