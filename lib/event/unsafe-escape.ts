/** Characters that JSON can spell and Prefect can never store: found in the text, by their escapes. */

export interface UnsafeEscape {
  readonly kind: 'nul-character' | 'lone-surrogate';
  /** Offset of the backslash in the text, in UTF-16 units. */
  readonly at: number;
}

/**
 * The first `\u0000` or unpaired surrogate escape in JSON text, or undefined. A raw NUL is not valid JSON, and raw
 * lone surrogates are `isWellFormed`'s matter; but an escaped half never pairs with a raw one in text that is
 * well formed, so escapes can be judged alone. Linear.
 */
export function findUnsafeEscape(text: string): UnsafeEscape | undefined {
  let at = text.indexOf('\\');
  while (at !== -1) {
    const unit = escapedUnitAt(text, at);
    let length = unit === undefined ? 2 : 6;
    if (unit === 0) return { kind: 'nul-character', at };
    if (unit !== undefined && isSurrogate(unit)) {
      const next = escapedUnitAt(text, at + 6);
      if (!isHighSurrogate(unit) || next === undefined || !isLowSurrogate(next)) {
        return { kind: 'lone-surrogate', at };
      }
      length = 12;
    }
    at = text.indexOf('\\', at + length);
  }
  return undefined;
}

/** The UTF-16 unit of a `\uXXXX` escape that starts here; undefined when none does. */
function escapedUnitAt(text: string, at: number): number | undefined {
  if (text[at] !== '\\' || text[at + 1] !== 'u') return undefined;
  const digits = text.slice(at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
