/** JSON text of what an expression yields, with received texts spliced in where they are known. */
import { Optional } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { RejectionCode } from '../event/record.ts';
import { Duration } from './duration.ts';
import { knownJsonText, OriginView } from './event-view.ts';
import { SpelledNumber, spellingsIn } from './received-numbers.ts';
import { Timestamp } from './timestamp.ts';
import { findUnsafeCharacter } from './unsafe-text.ts';
import { WindowView } from './window-view.ts';

/** `message` says what JSON or Prefect cannot carry, and the fix; it quotes nothing of the value. */
export type RenderedJson =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: RejectionCode; readonly message: string };

class UnrenderableValueError extends Error {
  override readonly name = 'UnrenderableValueError';
  readonly code: RejectionCode;

  constructor(message: string, code: RejectionCode = 'expression-failed') {
    super(message);
    this.code = code;
  }
}

/**
 * Render a CEL value under the rules for received JSON. Numbers keep the digits that were received, timestamps become
 * RFC 3339 text, durations seconds as ProtoJSON reads them (`90s`), `origin` an object of the fields that it has.
 */
export function renderJson(value: unknown): RenderedJson {
  try {
    return { ok: true, text: textOf(value) };
  } catch (error) {
    if (error instanceof UnrenderableValueError) {
      return { ok: false, code: error.code, message: error.message };
    }
    throw error;
  }
}

function textOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return `${value}`;
  if (typeof value === 'object') return knownJsonText(value) ?? objectText(value);
  throw new UnrenderableValueError(`a ${typeof value} has no JSON form`);
}

function stringText(text: string): string {
  const unsafe = findUnsafeCharacter(text);
  if (unsafe === null) return JSON.stringify(text);
  throw new UnrenderableValueError(`the expression yields ${unsafe.description}`, unsafe.code);
}

/** Whole numbers beyond 2^53 are printed with an exponent: without it, Python would read an integer with other digits. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new UnrenderableValueError('NaN and infinities have no JSON form');
  if (Object.is(value, -0)) return '-0';
  const isExact = !Number.isInteger(value) || Number.isSafeInteger(value);
  return isExact ? JSON.stringify(value) : value.toExponential();
}

function objectText(value: object): string {
  if (Array.isArray(value)) return listText(value);
  if (value instanceof Map) return mapText([...value], value);
  if (value instanceof SpelledNumber) return value.text;
  if (value instanceof UnsignedInt) return value.toString();
  if (value instanceof Timestamp || value instanceof Duration) return JSON.stringify(value.toString());
  if (value instanceof WindowView) return mapText(Object.entries(value), value);
  if (value instanceof OriginView) return mapText(Object.entries(value).filter(isPresent), value);
  if (value instanceof Uint8Array) {
    throw new UnrenderableValueError('bytes have no JSON form; write .base64() or .hex() after them');
  }
  if (value instanceof Optional) {
    throw new UnrenderableValueError('an optional has no JSON form; end it with .orValue(…)');
  }
  // Not `value.constructor`: event data may have a key of that name.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return mapText(Object.entries(value), value);
  throw new UnrenderableValueError('a CEL type or namespace has no JSON form; yield a value');
}

function listText(items: readonly unknown[]): string {
  const spellings = spellingsIn(items);
  if (spellings === undefined) return `[${items.map(textOf).join(',')}]`;
  return `[${items.map((item, index) => spellings.get(String(index)) ?? textOf(item)).join(',')}]`;
}

function mapText(entries: readonly (readonly [unknown, unknown])[], map: object): string {
  const spellings = spellingsIn(map);
  const memberText = ([key, value]: readonly [unknown, unknown]): string => {
    const spelling = typeof key === 'string' ? spellings?.get(key) : undefined;
    return `${keyText(key)}:${spelling ?? textOf(value)}`;
  };
  return `{${entries.map(memberText).join(',')}}`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return stringText(key);
  throw new UnrenderableValueError('JSON object keys are strings; write string(…) around the map key');
}

function isPresent([, value]: readonly [string, unknown]): boolean {
  return value !== undefined;
}
