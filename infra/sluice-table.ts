/** The table of claims, batch records and windows. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CompiledTable } from '../lib/compiled-config/compiled.ts';
import { INSTALLATION_VARIABLE, TABLE_NAME_VARIABLE } from '../lib/compiled-config/environment.ts';
import { WINDOW_INDEX } from '../lib/compiled-config/table-index.ts';
import { createTable } from './own-table.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface SluiceTableProps {
  readonly table: CompiledTable;
  /** Whether routes have windows, whose index then takes a part of the writes. */
  readonly hasWindows: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

export class SluiceTable extends Construct {
  readonly table: Table | ITable;

  constructor(scope: Construct, id: string, props: SluiceTableProps) {
    super(scope, id);
    this.table =
      props.table.kind === 'existing'
        ? Table.fromTableName(this, 'Table', props.table.name)
        : createTable(this, props.table, props);
  }

  /** Claims and records are inserted and moved by PartiQL and read back by key; nothing is deleted. */
  bindClaims(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'],
      resourceArns: [this.table.tableArn],
    });
    fn.function.addEnvironment(TABLE_NAME_VARIABLE, this.table.tableName);
    fn.function.addEnvironment(INSTALLATION_VARIABLE, this.table.tableArn);
  }

  /** For who only asks what became of events, by their keys. */
  bindClaimReads(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:BatchGetItem'],
      resourceArns: [this.table.tableArn],
    });
    fn.function.addEnvironment(TABLE_NAME_VARIABLE, this.table.tableName);
  }

  /**
   * In addition to `bindClaims`. TransactWriteItems has no verb of its own, but those of the writes in it:
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
   */
  bindWindowAppends(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resourceArns: [this.table.tableArn],
    });
  }

  /** In addition to `bindClaims`. A flush moves items that exist; without PutItem it cannot replace one. */
  bindWindowFlushes(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:UpdateItem'],
      resourceArns: [this.table.tableArn],
    });
  }

  /** For who compares all of it with Prefect. */
  bindScan(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:Scan'],
      resourceArns: [this.table.tableArn],
    });
  }

  /** Grant the query of windows that are not closed. */
  bindWindowIndex(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:Query'],
      resourceArns: [`${this.table.tableArn}/index/${WINDOW_INDEX.name}`],
    });
  }
}
