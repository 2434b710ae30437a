/** What the fields of `verify: { scheme: hmac }` say about each other. */
import type { ConfigIssue } from './problem.ts';
import type { SoundSource } from './sound-parts.ts';

export function verifyRules({ name, hmac }: SoundSource): readonly ConfigIssue[] {
  if (hmac === null) return [];
  const at = ['sources', name, 'verify'];
  const findings: ConfigIssue[] = [];
  const signsTimestamp = hmac.signed.includes('{timestamp}');
  if (signsTimestamp && hmac.timestampHeader === undefined) {
    findings.push({
      code: 'invalid-signed-content',
      at: [...at, 'signed'],
      anchor: 'value',
      found: '{timestamp} without timestampHeader',
      fix: 'add timestampHeader: <the header that the timestamp is in>',
    });
  }
  if (!signsTimestamp && hmac.timestampHeader !== undefined) {
    findings.push({
      code: 'unsigned-timestamp',
      at: [...at, 'timestampHeader'],
      anchor: 'value',
      found: 'a timestamp that is not part of signed',
      fix: 'remove it: whoever sends a captured request again writes a new one',
    });
  }
  if (hmac.signed.includes('{id}') && hmac.idHeader === undefined) {
    findings.push({
      code: 'invalid-signed-content',
      at: [...at, 'signed'],
      anchor: 'value',
      found: '{id} without idHeader',
      fix: 'add idHeader: <the header that the id is in>',
    });
  }
  return findings;
}
