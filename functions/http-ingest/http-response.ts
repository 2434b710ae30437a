import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** A finished answer, and what the log line and the metrics say of it. */
export interface HttpResponse {
  readonly status: number;
  /** Stable: of the answer to stored events, of a problem, or the name of a handshake. */
  readonly code: string;
  readonly acceptedEvents: number;
  readonly result: APIGatewayProxyStructuredResultV2;
}
