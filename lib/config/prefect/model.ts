/** `prefect`: the API in which flow runs are created. */
import { z } from 'zod';
import { budgetModel } from './budget.ts';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { describeValue, quote } from '../issues/describe-value.ts';
import { durationInMs } from '../scalars/duration.ts';
import { secretName } from '../scalars/secret-name.ts';
import { scalar, InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** Headers that Sluice or the HTTP client sets. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'user-agent',
]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CLOUD_API = 'https://api.prefect.cloud/api/accounts/<id>/workspaces/<id>';

const apiUrl = textScalar(readApiUrl, {
  title: 'URL',
  pattern: '^https?://',
  examples: ['https://prefect.internal/api', CLOUD_API],
});

function readApiUrl(text: string): string | InvalidValue {
  const refuse = (found: string, fix: string): InvalidValue => new InvalidValue('invalid-url', found, fix);
  if (text.includes('${')) {
    const fix = 'write the URL: the file has no variables; cdk deploy -c prefectApiUrl=… overrides it';
    return refuse(describeValue(text), fix);
  }
  const url = URL.parse(text);
  if (url === null) {
    return refuse(describeValue(text), 'write a whole URL, for example https://prefect.internal/api');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('a URL with a user name or a password', 'put credentials into the secret that auth names');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse(describeValue(text), 'write a URL that starts with https:// or http://');
  }
  if (url.search !== '' || url.hash !== '') {
    return refuse(describeValue(text), 'remove the query and the fragment (? or # and what follows)');
  }
  if (url.hostname === 'app.prefect.cloud') {
    return refuse("the URL of Prefect Cloud's user interface", `write that of its API: ${CLOUD_API}`);
  }
  const cloudPath = /^\/api\/accounts\/[^/]+\/workspaces\/[^/]+\/?$/;
  if (url.hostname === 'api.prefect.cloud' && !cloudPath.test(url.pathname)) {
    return refuse(describeValue(text), `name the account and the workspace: ${CLOUD_API}`);
  }
  return text.replace(/\/+$/, '');
}

const headerName = textScalar(
  (text) => {
    const found = `the header name ${quote(text)}`;
    if (!HEADER_NAME.test(text)) return new InvalidValue('invalid-header', found, 'write a header name');
    if (!RESERVED_HEADERS.has(text.toLowerCase())) return text;
    return new InvalidValue('invalid-header', found, 'remove it: Sluice sets this header itself');
  },
  { title: 'Header name' },
);

const headerValue = scalar<string, string>(
  (value) =>
    typeof value === 'string' && /^[\x20-\x7E]*$/.test(value)
      ? value
      : new InvalidValue(
          typeof value === 'string' ? 'invalid-header' : 'wrong-type',
          typeof value === 'string' ? 'a header value with characters outside ASCII' : describeValue(value),
          'write a text of printable ASCII characters',
        ),
  { title: 'Header value', type: 'string' },
);

const auth = z
  .union([
    z.literal('none').describe('The server requires no credentials.'),
    strictMap(
      {
        secret: secretName.describe(
          'A secret that holds `{"apiKey": "…"}` (Prefect Cloud) or `{"basic": "user:password"}` (self-hosted).',
        ),
        kmsKey: secretKmsKey,
      },
      'Credentials in AWS Secrets Manager.',
    ),
  ])
  .describe('Credentials for the API: a secret, or explicitly `none`.');

export const prefectModel = strictMap(
  {
    apiUrl: apiUrl.describe(
      "Prefect's REST API: `https://<host>/api` (self-hosted) or `https://api.prefect.cloud/api/accounts/<id>/workspaces/<id>` (Cloud).",
    ),
    auth,
    headers: z
      .record(headerName, headerValue)
      .prefault({})
      .describe(
        'Sent with each request, for a proxy in front of Prefect. Not for secrets: they are deployed in plain text.',
      ),
    requestTimeout: durationInMs({ minimum: '1s', maximum: '60s', examples: ['10s'] })
      .prefault('10s')
      .describe(
        'How long one request may take. A request that takes longer is retried under the same idempotency key.',
      ),
    budget: budgetModel.optional(),
  },
  'Where flow runs are created.',
);

export type PrefectConfiguration = z.output<typeof prefectModel>;
