/** CEL values as text that is equal for equal values of the same type, whichever engine made them. */
import { Optional } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { Duration } from '../../lib/expressions/duration.ts';
import { Timestamp } from '../../lib/expressions/timestamp.ts';

const OUR_TYPE_NAMES: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'Timestamp',
  'google.protobuf.Duration': 'Duration',
  'null_type': 'null',
  'optional_type': 'optional',
};

/** The name that a type of the specification has here. */
export function typeName(specified: string): string {
  return OUR_TYPE_NAMES[specified] ?? specified;
}

export function canonicalCelValue(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return Object.is(value, -0) ? 'double -0' : `double ${value}`;
  if (typeof value === 'boolean') return `bool ${value}`;
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  return typeof value === 'object' ? canonicalObject(value) : `a ${typeof value}`;
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalCelValue).join(', ')}]`;
  if (value instanceof UnsignedInt) return `uint ${value.value}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Timestamp) return `timestamp ${value.toString()}`;
  if (value instanceof Duration) return `duration ${value.toString()}`;
  if (value instanceof Optional)
    return value.hasValue() ? `optional ${canonicalCelValue(value.value())}` : 'optional none';
  if (value instanceof Map) return canonicalEntries([...value]);
  if ('typeName' in value && typeof value.typeName === 'string') return `type ${typeName(value.typeName)}`;
  if (Object.prototype.toString.call(value).startsWith('[object Type<') && 'name' in value) {
    return `type ${String(value.name)}`;
  }
  return canonicalEntries(Object.entries(value));
}

function canonicalEntries(entries: readonly (readonly [unknown, unknown])[]): string {
  const members = entries.map(([key, value]) => `${canonicalCelValue(key)}: ${canonicalCelValue(value)}`);
  return `{${members.toSorted().join(', ')}}`;
}
