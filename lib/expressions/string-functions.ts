/** CEL's functions over strings, which count characters (code points) and never cut one in half. */
import { FunctionError } from './function-error.ts';

const SURROGATE = /[\uD800-\uDFFF]/;
const WHITE_SPACE_AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;

export function substring(text: string, start: bigint, end?: bigint): string {
  const characters = charactersOf(text);
  const endsAt = end ?? BigInt(characters.length);
  if (start < 0n || endsAt > characters.length || start > endsAt) {
    throw new FunctionError('substring() is out of range: 0 <= start <= end <= size(text) must hold');
  }
  const part = characters.slice(Number(start), Number(endsAt));
  return typeof part === 'string' ? part : part.join('');
}

/** The character at an offset, and nothing at the end of the text. */
export function charAt(text: string, offset: bigint): string {
  const characters = charactersOf(text);
  if (offset >= 0n && offset <= characters.length) return characters[Number(offset)] ?? '';
  throw new FunctionError('charAt() is out of range: 0 <= offset <= size(text) must hold');
}

/** Replace at most `limit` occurrences, all of them without a limit. */
export function replace(text: string, wanted: string, replacement: string, limit = -1n): string {
  const parts = split(text, wanted, limit < 0n ? -1n : limit + 1n);
  // An empty text is found before each character and at the end, too.
  if (wanted !== '') return parts.join(replacement);
  const places = Array.from(text).map((character, index) =>
    limit < 0n || index < limit ? replacement + character : character,
  );
  return places.join('') + (limit < 0n || places.length < limit ? replacement : '');
}

export function indexOf(text: string, wanted: string, from = 0n): bigint {
  const unit = text.indexOf(wanted, unitOffset(text, from, 'indexOf'));
  return unit === -1 ? -1n : BigInt(characterCount(text.slice(0, unit)));
}

export function lastIndexOf(text: string, wanted: string, from?: bigint): bigint {
  const unit =
    from === undefined
      ? text.lastIndexOf(wanted)
      : text.lastIndexOf(wanted, unitOffset(text, from, 'lastIndexOf'));
  return unit === -1 ? -1n : BigInt(characterCount(text.slice(0, unit)));
}

/** Split as Go does: an empty separator splits between characters, and what is beyond the limit stays together. */
export function split(text: string, separator: string, limit = -1n): string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || parts.length <= limit) return parts;
  const kept = parts.slice(0, Number(limit) - 1);
  return [...kept, parts.slice(kept.length).join(separator)];
}

/** Convert A to Z only; characters beyond ASCII are unchanged. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (ascii) => ascii.toLowerCase());
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (ascii) => ascii.toUpperCase());
}

/** Remove Unicode's white space. JavaScript's `trim()` keeps U+0085 and removes U+FEFF, which is not white space. */
export function trim(text: string): string {
  return text.replace(WHITE_SPACE_AROUND, '');
}

/** A string is its own list of characters unless it has surrogate pairs. */
function charactersOf(text: string): string | string[] {
  return SURROGATE.test(text) ? Array.from(text) : text;
}

function characterCount(text: string): number {
  return charactersOf(text).length;
}

function unitOffset(text: string, from: bigint, functionName: string): number {
  const characters = charactersOf(text);
  if (from < 0n || from > characters.length) {
    throw new FunctionError(`${functionName}() is out of range: 0 <= offset <= size(text) must hold`);
  }
  if (typeof characters === 'string') return Number(from);
  return characters.slice(0, Number(from)).join('').length;
}
