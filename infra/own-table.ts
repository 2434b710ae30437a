/** The table of an installation that creates its own, with its throughput and its backups. */
import { Validations, type RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  type EnableScalingProps,
  type IScalableTableAttribute,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { CompiledProvisionedCapacity, CompiledTable } from '../lib/compiled-config/compiled.ts';
import { indexCapacity } from '../lib/compiled-config/index-capacity.ts';
import { WINDOW_INDEX } from '../lib/compiled-config/table-index.ts';

type OwnTable = Extract<CompiledTable, { kind: 'own' }>;

export interface OwnTableProps {
  /** Whether routes have windows, whose index then takes a part of the writes. */
  readonly hasWindows: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
}

export function createTable(scope: Construct, own: OwnTable, props: OwnTableProps): Table {
  const { provisioned, warmThroughput } = own;
  const table = new Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    ...(provisioned === undefined
      ? { billingMode: BillingMode.PAY_PER_REQUEST }
      : { billingMode: BillingMode.PROVISIONED, ...minimumOf(provisioned) }),
    ...(warmThroughput !== undefined && {
      warmThroughput: {
        readUnitsPerSecond: warmThroughput.readUnits,
        writeUnitsPerSecond: warmThroughput.writeUnits,
      },
    }),
    // Epoch seconds. DynamoDB deletes up to two days late, so readers compare it with the time as well.
    timeToLiveAttribute: 'expires',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: own.pointInTimeRecovery },
    deletionProtection: props.deletionProtection,
    removalPolicy: props.removalPolicy,
  });
  if (!own.pointInTimeRecovery) {
    Validations.of(table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'The configuration says pointInTimeRecovery: false.',
    });
  }
  const capacityOfIndex = provisioned && indexCapacity(provisioned, props.hasWindows);
  // Always there, since adding it later takes its time. It is sparse: only windows that are not closed cost anything.
  table.addGlobalSecondaryIndex({
    indexName: WINDOW_INDEX.name,
    partitionKey: { name: WINDOW_INDEX.partitionKey, type: AttributeType.STRING },
    sortKey: { name: WINDOW_INDEX.sortKey, type: AttributeType.NUMBER },
    projectionType: ProjectionType.KEYS_ONLY,
    ...(capacityOfIndex && minimumOf(capacityOfIndex)),
  });
  if (provisioned !== undefined && capacityOfIndex !== undefined) {
    const { name } = WINDOW_INDEX;
    scale(provisioned, {
      write: (range) => table.autoScaleWriteCapacity(range),
      read: (range) => table.autoScaleReadCapacity(range),
    });
    scale(capacityOfIndex, {
      write: (range) => table.autoScaleGlobalSecondaryIndexWriteCapacity(name, range),
      read: (range) => table.autoScaleGlobalSecondaryIndexReadCapacity(name, range),
    });
  }
  return table;
}

function minimumOf({ minWriteUnits, minReadUnits }: CompiledProvisionedCapacity) {
  return { writeCapacity: minWriteUnits, readCapacity: minReadUnits };
}

interface ScalableCapacity {
  readonly write: (range: EnableScalingProps) => IScalableTableAttribute;
  readonly read: (range: EnableScalingProps) => IScalableTableAttribute;
}

function scale(capacity: CompiledProvisionedCapacity, { write, read }: ScalableCapacity): void {
  const targetUtilizationPercent = Math.round(100 * capacity.targetUtilization);
  write({ minCapacity: capacity.minWriteUnits, maxCapacity: capacity.maxWriteUnits }).scaleOnUtilization({
    targetUtilizationPercent,
  });
  read({ minCapacity: capacity.minReadUnits, maxCapacity: capacity.maxReadUnits }).scaleOnUtilization({
    targetUtilizationPercent,
  });
}
