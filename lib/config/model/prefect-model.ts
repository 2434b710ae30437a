/** Where Prefect's API is and how Sluice may use it. */
import { z } from 'zod';
import { describeFound, quote } from '../found-value.ts';
import { durationInMs } from './duration.ts';
import { leaf, Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';

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

/** A name as Secrets Manager allows it, or an ARN. */
export const secretName = textLeaf(
  (text) =>
    /^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(text) ||
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]{1,512}$/.test(text)
      ? text
      : new Refusal('invalid-secret', describeFound(text), 'write the name or the ARN of the secret'),
  { title: 'Secret in AWS Secrets Manager', maxLength: 640, examples: ['sluice/prefect'] },
);

const apiUrl = textLeaf(readApiUrl, {
  title: 'URL',
  pattern: '^https?://',
  examples: ['https://prefect.internal/api', CLOUD_API],
});

function readApiUrl(text: string): string | Refusal {
  const refuse = (found: string, fix: string): Refusal => new Refusal('invalid-url', found, fix);
  if (!URL.canParse(text)) {
    return refuse(describeFound(text), 'write a whole URL, for example https://prefect.internal/api');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return refuse('a URL with a user name or a password', 'put credentials into the secret that auth names');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse(describeFound(text), 'write a URL that starts with https:// or http://');
  }
  if (url.search !== '' || url.hash !== '') {
    return refuse(describeFound(text), 'leave out what follows ? or #');
  }
  if (url.hostname === 'app.prefect.cloud') {
    return refuse("the URL of Prefect Cloud's user interface", `write that of its API: ${CLOUD_API}`);
  }
  const cloudPath = /^\/api\/accounts\/[^/]+\/workspaces\/[^/]+\/?$/;
  if (url.hostname === 'api.prefect.cloud' && !cloudPath.test(url.pathname)) {
    return refuse(describeFound(text), `name the account and the workspace: ${CLOUD_API}`);
  }
  return text.replace(/\/+$/, '');
}

const headerName = textLeaf(
  (text) => {
    const found = `the header name ${quote(text)}`;
    if (!HEADER_NAME.test(text)) return new Refusal('invalid-header', found, 'write a header name');
    if (!RESERVED_HEADERS.has(text.toLowerCase())) return text;
    return new Refusal('invalid-header', found, 'leave it out: Sluice sets this header itself');
  },
  { title: 'Header name' },
);

const headerValue = leaf<string, string>(
  (value) =>
    typeof value === 'string' && /^[\x20-\x7E]*$/.test(value)
      ? value
      : new Refusal(
          typeof value === 'string' ? 'invalid-header' : 'wrong-type',
          typeof value === 'string' ? 'a header value with characters outside ASCII' : describeFound(value),
          'write a text of printable ASCII characters',
        ),
  { title: 'Header value', type: 'string' },
);

const auth = z
  .union([
    z.literal('none').describe('The server asks for no credentials.'),
    strictMap(
      {
        secret: secretName.describe(
          'A secret that holds `{"apiKey": "…"}` (Prefect Cloud) or `{"basic": "user:password"}` (self-hosted).',
        ),
      },
      'Credentials in AWS Secrets Manager.',
    ),
  ])
  .describe('Credentials for the API: a secret, or `none` in so many words.');

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
        'Sent with each request, for a proxy in front of Prefect. Not for secrets: they are deployed in the clear.',
      ),
    requestTimeout: durationInMs({ minimum: '1s', maximum: '60s', examples: ['10s'] })
      .prefault('10s')
      .describe(
        'How long one request may take. A create that takes longer is sent again under the same idempotency key.',
      ),
  },
  'Where flow runs are created.',
);
