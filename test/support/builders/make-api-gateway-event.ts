/** Makes events as an HTTP API sends them (payload format 2.0): only what a test is about has to be named. */
import type { HttpIngestEvent } from '../../../functions/http-ingest/request.ts';

interface Overrides {
  readonly method?: string;
  readonly path?: string;
  readonly routeKey?: string;
  readonly stage?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: the event has no body at all. */
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
  readonly iamCallerArn?: string;
  /** Without the question mark. */
  readonly query?: string;
  readonly subjectDn?: string;
}

export function makeApiGatewayEvent(overrides: Overrides = {}): HttpIngestEvent {
  const {
    method = 'POST',
    path = '/orders',
    stage = '$default',
    headers = {},
    isBase64Encoded = false,
  } = overrides;
  const { routeKey = `${method} ${path}`, iamCallerArn, body, query = '', subjectDn } = overrides;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { 'content-type': 'application/json', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey,
      stage,
      time: '21/Sep/2026:14:13:20 +0000',
      timeEpoch: 1_790_000_000_000,
      ...(subjectDn !== undefined && {
        authentication: {
          clientCert: {
            clientCertPem: '',
            subjectDN: subjectDn,
            issuerDN: 'CN=test',
            serialNumber: '1',
            validity: { notBefore: '', notAfter: '' },
          },
        },
      }),
      ...(iamCallerArn !== undefined && {
        authorizer: {
          iam: {
            accessKey: 'AKIA',
            accountId: '123456789012',
            callerId: 'AIDA',
            cognitoIdentity: null,
            principalOrgId: 'o-1',
            userArn: iamCallerArn,
            userId: 'AIDA',
          },
        },
      }),
    },
    isBase64Encoded,
    ...(body !== undefined && { body }),
  };
}
