/** Fields in which people paste secrets. What stands there is never repeated: reports end up in the logs of CI. */
import type { ConfigIssue } from './config-issue.ts';

const SECRET_FIELD =
  /^(?:auth|verify|secret|rootca|headers|authorization|password|(?:verify[-_]?)?token|api[-_]?key|credentials?)$/i;

export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** Describe a text in a field that may hold a secret as no more than a text. `value` is what was written there. */
export function withoutSecret(issue: ConfigIssue, value: unknown): ConfigIssue {
  const field = issue.at.at(-1);
  if (typeof value !== 'string' || typeof field !== 'string' || !isSecretField(field)) return issue;
  return { ...issue, found: 'a text' };
}
