/**
 * Numbers as they were received. JSON tells `1.0` from `1` and holds more digits than a double, and Python reads both;
 * JavaScript's numbers keep neither. The spellings that would be lost are remembered beside the values, so that an
 * expression that selects a number yields what was received.
 */

/** Spellings that differ from JavaScript's, keyed by the object or list that holds the numbers, then by key or index. */
const SPELLINGS = new WeakMap<object, ReadonlyMap<string, string>>();

/** A selected number on its way to JSON. Nothing computes with it. */
export class SpelledNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Most JSON has no fraction, no exponent, no negative zero and no long number, and its spellings need no second look. */
const MAY_BE_SPELLED_OTHERWISE = /\d[.eE]|-0|\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Remember the spellings in JSON text beside the value that was parsed from it. */
export function rememberSpellings(text: string, value: object): void {
  if (hasOtherSpellings(text)) rememberWithin(value, parseSpelled(text));
}

/** Remember the spelling of a datum that is a number itself, as a field of its event. */
export function rememberFieldSpelling(owner: object, field: string, text: string): void {
  if (hasOtherSpellings(text)) SPELLINGS.set(owner, new Map([[field, text]]));
}

export function spellingsIn(container: object): ReadonlyMap<string, string> | undefined {
  return SPELLINGS.get(container);
}

function hasOtherSpellings(text: string): boolean {
  if (!MAY_BE_SPELLED_OTHERWISE.test(text)) return false;
  for (const [token] of text.matchAll(STRING_OR_NUMBER)) {
    if (!token.startsWith('"') && isSpelledOtherwise(token)) return true;
  }
  return false;
}

/** Integers that a double cannot hold are `bigint` and keep their digits. */
function isSpelledOtherwise(numberText: string): boolean {
  return /[.eE]|^-0$/.test(numberText) && JSON.stringify(Number(numberText)) !== numberText;
}

/** Parse with each number that is spelled otherwise as a `SpelledNumber`. */
function parseSpelled(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    return typeof value === 'number' && source !== undefined && isSpelledOtherwise(source)
      ? new SpelledNumber(source)
      : value;
  });
}

/** Walk both values, which have the same shape; the first may have `Map`s for objects. */
function rememberWithin(root: object, spelledRoot: unknown): void {
  const pending: (readonly [object, unknown])[] = [[root, spelledRoot]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [value, spelled] = pair;
    if (typeof spelled !== 'object' || spelled === null) continue;
    const own = new Map<string, string>();
    for (const [key, inner] of Object.entries(spelled)) {
      if (inner instanceof SpelledNumber) own.set(key, inner.text);
      else if (typeof inner === 'object' && inner !== null) {
        const child: unknown =
          value instanceof Map ? value.get(key) : Object.getOwnPropertyDescriptor(value, key)?.value;
        if (typeof child === 'object' && child !== null) pending.push([child, inner]);
      }
    }
    if (own.size > 0) SPELLINGS.set(value, own);
  }
}
