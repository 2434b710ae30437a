/**
 * One pass over JSON text before anything parses it: how deep it goes, how many keys it has, where its
 * top-level members are, and whether it holds anything that needs a closer look. Linear time, no recursion.
 * It does not validate: what it says of text that `JSON.parse` refuses means nothing.
 */

/** A member of the root object, or an element of the root array (`rawKey` is empty then). */
export interface JsonMember {
  /** As written, with its quotes and escapes. */
  readonly rawKey: string;
  /** The value as written, without the white space around it. */
  readonly text: string;
}

export interface JsonScan {
  /** A scalar is 0 deep, `{}` and `[]` are 1. */
  readonly depth: number;
  /** Members of all objects at all depths. */
  readonly keys: number;
  /** Members of the root object, or elements of the root array; never fewer than there are. */
  readonly rootMembers: number;
  /** True when a string or key holds a `\u` escape. */
  readonly hasUnicodeEscape: boolean;
  /** True when a number has an exponent or 16 digits in a row: no other can lose digits as a JavaScript number. */
  readonly hasUnusualNumber: boolean;
  /** Filled only when asked for. */
  readonly members: readonly JsonMember[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Numbers of 15 digits and fewer are exact. */
const DIGITS_THAT_MAY_ROUND = 16;

export function scanJson(text: string, wanted: { readonly members: boolean }): JsonScan {
  const members: JsonMember[] = [];
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let rootCommas = 0;
  let hasUnicodeEscape = false;
  let hasUnusualNumber = false;
  let memberStart = 0;
  let colonAt = -1;

  const hasEscapes = text.includes('\\');
  const length = text.length;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE && !hasEscapes) {
      // Without a backslash in the whole text a string ends at the next quote.
      const end = text.indexOf('"', at + 1);
      at = end === -1 ? length : end;
    } else if (code === QUOTE) {
      for (at += 1; at < length; at += 1) {
        const inString = text.charCodeAt(at);
        if (inString === QUOTE) break;
        if (inString === BACKSLASH) {
          at += 1;
          if (text.charCodeAt(at) === LOWER_U) hasUnicodeEscape = true;
        }
      }
    } else if (code >= DIGIT_0 && code <= DIGIT_9) {
      const start = at;
      while (isDigit(text.charCodeAt(at + 1))) at += 1;
      const next = text.charCodeAt(at + 1);
      if (at + 1 - start >= DIGITS_THAT_MAY_ROUND || next === LOWER_E || next === UPPER_E) {
        hasUnusualNumber = true;
      }
    } else if (code === COLON) {
      keys += 1;
      if (depth === 1) colonAt = at;
    } else if (code === COMMA) {
      if (depth === 1) {
        rootCommas += 1;
        if (wanted.members) addMember(members, text, memberStart, colonAt, at);
        memberStart = at + 1;
        colonAt = -1;
      }
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (depth === 1) memberStart = at + 1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 1 && wanted.members) addMember(members, text, memberStart, colonAt, at);
      depth -= 1;
    }
  }
  return { depth: deepest, keys, rootMembers: rootCommas + 1, hasUnicodeEscape, hasUnusualNumber, members };
}

/** `colonAt` is -1 in an array. Between the brackets of an empty object or array there is no member. */
function addMember(members: JsonMember[], text: string, start: number, colonAt: number, end: number): void {
  const rawKey = colonAt === -1 ? '' : text.slice(start, colonAt).trim();
  const value = text.slice(colonAt === -1 ? start : colonAt + 1, end).trim();
  if (value !== '') members.push({ rawKey, text: value });
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}
