import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClientSettings } from '../aws/aws-client-settings.ts';

const REQUEST_TIMEOUT_MS = 2_000;
const MAX_SOCKETS = 16;

/**
 * A client for one table. Three attempts of two seconds, and the stores' own second try, end well inside the time
 * of an invocation.
 */
export function createDynamoDbClient(): DynamoDBClient {
  const { requestHandler, ...settings } = awsClientSettings({ requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return new DynamoDBClient({
    ...settings,
    requestHandler: { ...requestHandler, httpAgent: agent, httpsAgent: agent },
  });
}
