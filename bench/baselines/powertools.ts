/**
 * The hand-written Lambda that a user would write instead of Sluice, following the documentation of Powertools
 * (idempotency with batch processing): one flow run per record.
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { variable } from './environment.ts';

const createFlowRunUrl = `${variable('PREFECT_API_URL')}/deployments/${variable('DEPLOYMENT_ID')}/create_flow_run`;

const processor = new BatchProcessor(EventType.SQS);
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: variable('TABLE_NAME') });
const config = new IdempotencyConfig({ eventKeyJmesPath: 'powertools_json(body).orderId' });

const createFlowRunOnce = makeIdempotent(
  async (record: SQSRecord) => {
    const order = JSON.parse(record.body) as { orderId: string };
    const response = await fetch(createFlowRunUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ parameters: { orders: [order] }, idempotency_key: order.orderId }),
    });
    if (!response.ok) throw new Error(`Prefect responded with ${response.status}`);
    const { id } = (await response.json()) as { id: string };
    return { flowRunId: id };
  },
  { persistenceStore, config },
);

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  config.registerLambdaContext(context);
  return processPartialResponse(event, createFlowRunOnce, processor, { context });
};
