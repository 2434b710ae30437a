/** JSON texts of values that formats with schemas have and JSON has not. */

/** Numbers that are none are strings, as ProtoJSON spells them. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
}

export function base64Text(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

/** A string, since readers of JSON take decimals for binary fractions: `"-12.30"` is -1230 with scale 2. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `"${unscaled * 10n ** BigInt(-scale)}"`;
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `"${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}"`;
}

/** Two's complement, most significant byte first. */
export function bigEndianInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}
