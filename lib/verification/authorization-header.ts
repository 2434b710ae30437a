/** Credentials in the header Authorization: `<scheme> <token>`. */

/** The scheme's name is case-insensitive (RFC 9110, section 11.1). Joined duplicates hold a space and do not match. */
const CREDENTIALS = /^([A-Za-z]+) +([\x21-\x7e]+)$/;

/** RFC 7617 has Base64 with padding; its own check, since Buffer passes over what is none. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function credentialsOf(
  authorization: string | undefined,
  scheme: 'bearer' | 'basic',
): string | undefined {
  const match = CREDENTIALS.exec(authorization?.trim() ?? '');
  return match?.[1]?.toLowerCase() === scheme ? match[2] : undefined;
}

/** `user:password`. */
export function basicCredentialsOf(authorization: string | undefined): string | undefined {
  const encoded = credentialsOf(authorization, 'basic');
  if (encoded === undefined || !BASE64.test(encoded)) return undefined;
  return Buffer.from(encoded, 'base64').toString('utf8');
}
