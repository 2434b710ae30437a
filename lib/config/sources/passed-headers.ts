/** `sources.<name>.headers` of HTTP sources: which request headers become part of an event. */
import { z } from 'zod';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { quote } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import type { Named } from '../valid-parts.ts';

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** Why a header is never passed on, by what its name looks like. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^ce-/, 'leave it out: headers of CloudEvents are attributes of the event already, such as event.type'],
  // The one id of a delivery that is called a token.
  [
    /^(?!i-twilio-idempotency-token$).*(?:authorization|authenticate|authentication|cookie|token|secret|password|passwd|credential|api-?key|session)/,
    'leave it out: credentials stay in the endpoint',
  ],
  [
    /signature|hmac|^x-trello-webhook$/,
    'leave it out: signatures are checked in the endpoint, and stay there',
  ],
  [
    /^(?:forwarded|via|x-forwarded-.*|x-original-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|x-amz.*)$/,
    'leave it out: any client can write what a proxy would, and nothing in it is checked',
  ],
];

const passedHeader = textScalar(
  (text) => {
    const name = text.toLowerCase();
    const found = `the header ${quote(text)}`;
    if (!HEADER_NAME.test(name)) {
      return new InvalidValue('invalid-header', found, 'write the name of a header, for example X-Tenant');
    }
    const fix = REFUSED.find(([pattern]) => pattern.test(name))?.[1];
    return fix === undefined ? name : new InvalidValue('invalid-header', found, fix);
  },
  { title: 'Header name', maxLength: 100, examples: ['X-GitHub-Event'] },
);

export const passedHeaders = z
  .array(passedHeader)
  .max(50)
  .prefault([])
  .describe(
    'Request headers that expressions see as `event.headers["x-github-event"]`, in lower case; no other header becomes part of an event. Credentials, cookies, signatures and what proxies add are refused.',
  );

interface ReceivingSource {
  readonly headers: readonly string[] | null;
  readonly verify?:
    string | { readonly header?: string | null | undefined } | { readonly scheme: string } | null;
}

/** The header of a key or a signature may have any name. */
export function passedHeaderRules({ name, part: source }: Named<ReceivingSource>): readonly ConfigIssue[] {
  const { headers, verify } = source ?? {};
  if (headers == null || typeof verify !== 'object' || verify === null || !('header' in verify)) return [];
  const at = headers.indexOf(verify.header ?? '');
  if (at === -1) return [];
  return [
    {
      code: 'invalid-header',
      at: ['sources', name, 'headers', at],
      anchor: 'value',
      found: `the header ${quote(headers[at] ?? '')}, by which requests are verified`,
      fix: 'leave it out: credentials and signatures stay in the endpoint',
    },
  ];
}
