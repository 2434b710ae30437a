import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface DynamoDbClientOptions {
  /** Attempts of the SDK per request, the first included. */
  readonly maxAttempts: number;
  readonly connectionTimeoutMs: number;
  /** For one attempt, from the request to the end of the answer. */
  readonly requestTimeoutMs: number;
  readonly maxSockets: number;
}

const DEFAULTS: DynamoDbClientOptions = {
  maxAttempts: 3,
  connectionTimeoutMs: 1_000,
  requestTimeoutMs: 2_000,
  maxSockets: 16,
};

/**
 * A client for one table: region, credentials and endpoint come from the environment, as everywhere in AWS.
 * Three attempts of two seconds, and the stores' own second try, end well inside the time of an invocation.
 */
export function createDynamoDbClient(options: Partial<DynamoDbClientOptions> = {}): DynamoDBClient {
  const { maxAttempts, connectionTimeoutMs, requestTimeoutMs, maxSockets } = { ...DEFAULTS, ...options };
  const agent = { keepAlive: true, maxSockets };
  return new DynamoDBClient({
    maxAttempts,
    // The middleware stack of a command is resolved once instead of for every request.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without this the SDK only logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
