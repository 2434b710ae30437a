import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { WindowRef } from '../../windows/window.ts';
import { headKey, numberValue } from './dynamodb-window-items.ts';

/** From this sequence on nothing below can be opened any more; fails when the head is there already, or above. */
export function raiseHead(tableName: string, { series, sequence }: WindowRef): TransactWriteItem {
  return {
    Update: {
      TableName: tableName,
      Key: { pk: { S: headKey(series) } },
      UpdateExpression: 'SET n = :sequence',
      ConditionExpression: 'attribute_not_exists(pk) OR n < :sequence',
      ExpressionAttributeValues: { ':sequence': numberValue(sequence) },
    },
  };
}
