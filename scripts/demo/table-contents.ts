/** Reads the whole table. Only a demo may scan it. */
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  BATCH_KEY_PREFIX,
  batchRecordOf,
  CLAIM_KEY_PREFIX,
  claimOf,
  type Item,
} from '../../lib/adapters/dynamodb/dynamodb-items.ts';
import type { FlowRunRecord } from '../../lib/ports.ts';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';

/** One event on one route, and the batch that it belongs to. */
export interface ClaimedEvent {
  readonly route: string;
  /** As in the labels of flow runs. */
  readonly memberId: string;
  readonly batchId: string;
}

export interface TableContents {
  readonly claims: readonly ClaimedEvent[];
  readonly batches: readonly FlowRunRecord[];
}

export async function readTable(aws: AwsEndpoint, tableName: string): Promise<TableContents> {
  const items: Item[] = [];
  const client = new DynamoDBClient(aws);
  const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items: page = [] } of pages) items.push(...page);
  const itemsOf = (keyPrefix: string): Item[] =>
    items.filter((item) => item['pk']?.S?.startsWith(keyPrefix) === true);
  return {
    claims: itemsOf(CLAIM_KEY_PREFIX).map((item) => toClaimedEvent(item)),
    batches: itemsOf(BATCH_KEY_PREFIX).map((item) => batchRecordOf(item)),
  };
}

function toClaimedEvent(item: Item): ClaimedEvent {
  const { claimKey, batchId } = claimOf(item);
  const [, route = '', digest = ''] = claimKey.split('#');
  // The first 64 bits of the digest: lib/routing/member.ts.
  const memberId = Buffer.from(digest, 'base64url').subarray(0, 8).toString('base64url');
  return { route, memberId, batchId };
}
