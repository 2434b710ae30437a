/** How scripts and end-to-end tests reach the AWS emulator. */

/** The settings of an SDK client. */
export interface AwsEndpoint {
  /** The value of `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The account in the ARNs of emulators. */
const EMULATED_ACCOUNT = '000000000000';

/** Use the credentials and region of the environment, or those that every emulator accepts. */
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

/** Environment variables for child processes that use an AWS SDK. */
export function awsEnvironment({ endpoint, region, credentials }: AwsEndpoint): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The argument of `cdk bootstrap`: `aws://<account>/<region>`. */
export function cdkEnvironmentOf({ region }: AwsEndpoint): string {
  return `aws://${EMULATED_ACCOUNT}/${region}`;
}

/**
 * Convert the URL of an HTTP API, whose host name DNS does not resolve (and which is not a valid host name before a
 * numeric address), into the path where the emulator serves it. LocalStack uses the same path.
 */
export function reachableUrl(apiUrl: string, { endpoint }: AwsEndpoint): string {
  const [, apiId, path] = /^https?:\/\/([a-z0-9]+)\.execute-api\.[^/]+(\/.*)?$/.exec(apiUrl) ?? [];
  return apiId === undefined ? apiUrl : `${endpoint}/_aws/execute-api/${apiId}/$default${path ?? '/'}`;
}
