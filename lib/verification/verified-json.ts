/** The body of a verified request as JSON, for what a sender says about the delivery inside it. */

/** Undefined when the body is not JSON: a form, for example. Decoding says what is wrong with it, if anything. */
export function readVerifiedJson(verifiedBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(verifiedBody).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Own members only, so that `__proto__` is a name like any other. */
export function memberAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}
