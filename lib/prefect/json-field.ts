/** Reading parsed JSON whose shape nobody vouches for. */

/** The object's own field, or undefined where there is no object or no such field. */
export function jsonField(unverifiedJson: unknown, name: string): unknown {
  if (typeof unverifiedJson !== 'object' || unverifiedJson === null) return undefined;
  return Object.getOwnPropertyDescriptor(unverifiedJson, name)?.value;
}
