import type { UnverifiedRequest } from '../../../lib/verification/verification.ts';

interface Overrides {
  readonly url?: string;
  /** Names in any case, as senders write them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly iamCallerArn?: string;
  readonly subjectDn?: string;
}

/** A request as the endpoint hands it to verification: only what a test is about has to be named. */
export function makeUnverifiedRequest(overrides: Overrides = {}): UnverifiedRequest {
  const { url = 'https://hooks.example/orders', headers = {}, body = '', iamCallerArn = null } = overrides;
  const { subjectDn } = overrides;
  return {
    url,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    unverifiedBody: Buffer.from(body),
    iamCallerArn,
    clientCertificate: subjectDn === undefined ? null : { subjectDn, issuerDn: 'CN=test' },
  };
}
