/** Cross-field rules for `verify: { scheme: hmac }`. */
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Named } from '../valid-parts.ts';

interface HmacVerify {
  readonly scheme: 'hmac';
  readonly signed: string | null;
  readonly timestampHeader?: string | null | undefined;
  readonly idHeader?: string | null | undefined;
}

/** Sources of other types have no `verify`. */
interface VerifyingSource {
  readonly verify?: string | HmacVerify | { readonly scheme: string } | null;
}

export function verifyRules({ name, part: source }: Named<VerifyingSource>): readonly ConfigIssue[] {
  const verify = source?.verify;
  if (typeof verify !== 'object' || verify === null || !isHmac(verify) || verify.signed === null) return [];
  const { signed, timestampHeader, idHeader } = verify;
  const at = ['sources', name, 'verify'];
  const issues: ConfigIssue[] = [];
  const signsTimestamp = signed.includes('{timestamp}');
  if (signsTimestamp && timestampHeader === undefined) {
    issues.push({
      code: 'invalid-signed-content',
      at: [...at, 'signed'],
      anchor: 'value',
      found: '{timestamp} without timestampHeader',
      fix: 'add timestampHeader: <the header with the timestamp>',
    });
  }
  if (!signsTimestamp && timestampHeader !== undefined) {
    issues.push({
      code: 'unsigned-timestamp',
      at: [...at, 'timestampHeader'],
      anchor: 'value',
      found: 'a timestamp that is not part of signed',
      fix: 'remove it: a captured request can be replayed with a new timestamp',
    });
  }
  if (signed.includes('{id}') && idHeader === undefined) {
    issues.push({
      code: 'invalid-signed-content',
      at: [...at, 'signed'],
      anchor: 'value',
      found: '{id} without idHeader',
      fix: 'add idHeader: <the header with the id>',
    });
  }
  return issues;
}

function isHmac(verify: { readonly scheme: string }): verify is HmacVerify {
  return verify.scheme === 'hmac';
}
