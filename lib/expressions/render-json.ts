/** JSON text of what an expression yields, with received texts spliced in where they are known. */
import { Optional } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { knownJsonText, OriginView } from './event-view.ts';

/** `message` says what JSON cannot carry and the mend; it quotes nothing of the value. */
export type RenderedJson =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** Text that is not there yet, or the reason why it cannot be. */
class UnrenderableValueError extends Error {
  override readonly name = 'UnrenderableValueError';
}

/**
 * Renders a CEL value. Integers keep all their digits, timestamps become RFC 3339 text, durations seconds as
 * protobuf spells them (`90s`), `origin` an object of the fields that it has.
 */
export function renderJson(value: unknown): RenderedJson {
  try {
    return { ok: true, text: textOf(value) };
  } catch (error) {
    if (error instanceof UnrenderableValueError) return { ok: false, message: error.message };
    throw error;
  }
}

function textOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return `${value}`;
  if (typeof value === 'object') return knownJsonText(value) ?? objectText(value);
  throw new UnrenderableValueError(`a ${typeof value} has no JSON form`);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new UnrenderableValueError('NaN and infinities have no JSON form');
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (value instanceof Map) return mapText([...value]);
  if (value instanceof UnsignedInt) return value.toString();
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value instanceof Duration) return JSON.stringify(value.toString());
  if (value instanceof OriginView) return mapText(Object.entries(value).filter(isPresent));
  if (value instanceof Uint8Array) {
    throw new UnrenderableValueError('bytes have no JSON form; write .base64() or .hex() after them');
  }
  if (value instanceof Optional) {
    throw new UnrenderableValueError('an optional has no JSON form; end it with .orValue(…)');
  }
  // Not `value.constructor`: event data may have a key of that name.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return mapText(Object.entries(value));
  throw new UnrenderableValueError('a CEL type or namespace has no JSON form; yield a value');
}

function mapText(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${keyText(key)}:${textOf(value)}`).join(',')}}`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  throw new UnrenderableValueError('JSON object keys are strings; write string(…) around the map key');
}

function isPresent([, value]: readonly [string, unknown]): boolean {
  return value !== undefined;
}
