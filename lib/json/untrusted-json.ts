/** Parse and narrow JSON that is not trusted: its shape is checked field by field, and nothing here throws. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Return `undefined` if the value is neither a string nor null. */
export function textOrNull(value: unknown): string | null | undefined {
  return isString(value) || value === null ? value : undefined;
}

/** Return null unless the value is a safe integer. Negative ones are: Kafka writes -1 for a missing timestamp. */
export function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** Decode standard base64. Return null if the text is not valid, which `Buffer.from` would shorten silently. */
export function readBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Return `undefined` if the text is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Read an own field of an object. Return `undefined` if the value is not an object or has no such field. */
export function jsonField(unverifiedJson: unknown, name: string): unknown {
  if (typeof unverifiedJson !== 'object' || unverifiedJson === null) return undefined;
  return Object.getOwnPropertyDescriptor(unverifiedJson, name)?.value;
}
