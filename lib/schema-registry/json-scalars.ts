/** JSON texts of scalar values that formats with schemas have and JSON lacks. */

/**
 * Write a double with the fewest digits that identify it. Every reader has to take the text for a floating-point
 * number: without its fraction, Python and CEL would read the digits of 2^64 as another integer.
 */
export function doubleJson(value: number): string {
  return floatingPointJson(value, String(value));
}

/** Write a 32-bit float with the fewest digits that identify it among 32-bit floats: `19.99`, as its producer wrote. */
export function floatJson(value: number): string {
  return floatingPointJson(value, String(shortestFloat(value)));
}

/** The smallest 32-bit float that has all 24 bits of its precision. */
const MIN_NORMAL_FLOAT = 2 ** -126;

/** Up to six digits survive a 32-bit float unchanged, unless it is subnormal; nine always identify it. */
function shortestFloat(value: number): number {
  const fewest = Math.abs(value) < MIN_NORMAL_FLOAT ? 1 : 6;
  for (let digits = fewest; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

function floatingPointJson(value: number, digits: string): string {
  // ProtoJSON has these names for what JSON has no numbers for.
  if (!Number.isFinite(value)) return `"${value}"`;
  if (Object.is(value, -0)) return '-0.0';
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
}

export function base64Json(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

/** Write a string, since readers of JSON take decimals for binary fractions: `"-12.30"` is -1230 with scale 2. */
export function decimalJson(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `"${unscaled * 10n ** BigInt(-scale)}"`;
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `"${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}"`;
}

/** Read two's complement, most significant byte first. */
export function bigEndianInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}
