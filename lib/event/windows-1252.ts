/**
 * The charset windows-1252 (https://encoding.spec.whatwg.org/#windows-1252), under the names that older senders of
 * forms give it. `TextDecoder` is not used: some versions of Node read it as ISO 8859-1, without `€` and `’`.
 */

/** Browsers read ISO 8859-1 as windows-1252, which differs only in control characters. */
const NAMES: ReadonlySet<string> = new Set(['windows-1252', 'cp1252', 'iso-8859-1', 'iso8859-1', 'latin1']);

/** The characters of the bytes 0x80 to 0x9F. Five bytes have none, and are control characters as in the standard. */
const CHARACTERS_FROM_0X80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Whether a charset, in lower case, is windows-1252. */
export function isWindows1252(charset: string): boolean {
  return NAMES.has(charset);
}

/** Decode bytes, which cannot fail. */
export function decodeWindows1252(bytes: Iterable<number>): string {
  let text = '';
  for (const byte of bytes) text += CHARACTERS_FROM_0X80[byte - 0x80] ?? String.fromCharCode(byte);
  return text;
}
