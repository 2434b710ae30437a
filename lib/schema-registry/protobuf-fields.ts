/** Fields of messages as protobufjs decodes them: their values, their names in JSON, the keys of maps. */
import protobuf from 'protobufjs';

/** Only what the message itself has was in its bytes: a field may be called `constructor`. */
export function valueIn(message: object, { name }: protobuf.Field): unknown {
  return Object.hasOwn(message, name) ? (message as Readonly<Record<string, unknown>>)[name] : undefined;
}

export function fieldById(message: object, { fieldsById }: protobuf.Type, id: number): unknown {
  const field = fieldsById[id];
  return field === undefined ? undefined : valueIn(message, field.resolve());
}

export function isExtension(field: protobuf.Field): boolean {
  return field.declaringField !== null;
}

export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** The name of an extension is that of its declaration, in brackets; that of a group is in lower case, as in protoc. */
export function jsonName({ declaringField, name, jsonName: declared, resolvedType }: protobuf.Field): string {
  if (declaringField !== null) return `[${declaringField.fullName.slice(1)}]`;
  const isGroup = resolvedType !== null && 'group' in resolvedType && resolvedType.group === true;
  return isGroup ? protobuf.util.jsonName(name.toLowerCase()) : declared;
}

/** Confluent's registry spells a map out as a repeated message when it was registered from a descriptor. */
export function spelledOutEntry({ resolvedType }: protobuf.Field): protobuf.Type | undefined {
  const isEntry = resolvedType instanceof protobuf.Type && resolvedType.options?.['map_entry'] === true;
  return isEntry ? resolvedType : undefined;
}

/** protobufjs keeps 64-bit keys as eight characters, and one that was omitted as `0`. */
export function mapKey(key: string, keyType: string): string {
  if (!Object.hasOwn(protobuf.types.long, keyType) || key === '0') return key;
  const { lo, hi } = protobuf.util.LongBits.fromHash(key);
  const unsigned = (BigInt(hi) << 32n) | BigInt(lo);
  return String(UNSIGNED.has(keyType) ? unsigned : BigInt.asIntN(64, unsigned));
}

const UNSIGNED: ReadonlySet<string> = new Set(['uint64', 'fixed64']);
