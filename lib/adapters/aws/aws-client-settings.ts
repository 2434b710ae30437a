export interface AwsClientLimits {
  /** Attempts of the SDK per request, the first included. */
  readonly maxAttempts: number;
  readonly connectionTimeoutMs: number;
  /** For one attempt, from the request to the end of the answer. */
  readonly requestTimeoutMs: number;
}

const DEFAULTS: AwsClientLimits = { maxAttempts: 3, connectionTimeoutMs: 1_000, requestTimeoutMs: 3_000 };

/** Settings of an SDK client; region, credentials and endpoint come from the environment, as everywhere in AWS. */
export function awsClientSettings(limits: Partial<AwsClientLimits> = {}) {
  const { maxAttempts, connectionTimeoutMs, requestTimeoutMs } = { ...DEFAULTS, ...limits };
  return {
    maxAttempts,
    // The middleware stack of a command is resolved once instead of for every request.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without this the SDK only logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
    },
  } as const;
}
