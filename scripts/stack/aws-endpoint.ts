/** How scripts and end-to-end tests reach what stands in for AWS. */

/** Also the settings of an SDK client. */
export interface AwsEndpoint {
  /** For `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The account that emulators put into their ARNs. */
const EMULATED_ACCOUNT = '000000000000';

/** Credentials and region are the caller's; without any they are those that every emulator takes. */
export function awsEndpointAt(url: string): AwsEndpoint {
  return {
    endpoint: url,
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    credentials: {
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    },
  };
}

/** What child processes that use an AWS SDK are told. */
export function awsEnvironment({ endpoint, region, credentials }: AwsEndpoint): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** For `cdk bootstrap`: `aws://<account>/<region>`. */
export function cdkEnvironmentOf({ region }: AwsEndpoint): string {
  return `aws://${EMULATED_ACCOUNT}/${region}`;
}

/**
 * Where an emulator serves the URL of an HTTP API, whose host name is in nobody's DNS (and, before a numeric
 * address, is no host name at all). LocalStack has the same path.
 */
export function reachableUrl(apiUrl: string, { endpoint }: AwsEndpoint): string {
  const [, apiId, path] = /^https?:\/\/([a-z0-9]+)\.execute-api\.[^/]+(\/.*)?$/.exec(apiUrl) ?? [];
  return apiId === undefined ? apiUrl : `${endpoint}/_aws/execute-api/${apiId}/$default${path ?? '/'}`;
}
