/** JSON text to a value, refusing what could never become a parameter of a flow run as it stands. */
import { scanJson, type JsonMember } from './json-scan.ts';
import { rejected, type Rejected } from './rejection.ts';
import { holdsTemplateMarker, mayHoldTemplateMarker } from './template-marker.ts';
import { findUnsafeEscape } from './unsafe-escape.ts';

export interface JsonLimits {
  /** A scalar is 0 deep, `{}` and `[]` are 1. */
  readonly maxDepth: number;
  /** Members of all objects at all depths. */
  readonly maxKeys: number;
}

/** Limits that never bind, for text that was accepted before. */
export const NO_JSON_LIMITS: JsonLimits = {
  maxDepth: Number.POSITIVE_INFINITY,
  maxKeys: Number.POSITIVE_INFINITY,
};

export type ParsedJson =
  | {
      readonly kind: 'json';
      /** As received, without a byte order mark and the white space around it. */
      readonly text: string;
      /** Integers beyond 2^53 are `bigint`. */
      readonly value: unknown;
      /** Members of the root object or elements of the root array, when asked for. */
      readonly members: readonly JsonMember[];
      readonly hasTemplateMarker: boolean;
    }
  | Rejected;

/** Python refuses to read longer integers (`sys.set_int_max_str_digits`), and Prefect always responds with 500. */
const MAX_INTEGER_DIGITS = 4300;

/** Never throws. Codes: invalid-json, too-deep, too-many-keys, nul-character, lone-surrogate, number-out-of-range. */
export function readJson(
  receivedText: string,
  limits: JsonLimits,
  wanted: { readonly members: boolean } = { members: false },
): ParsedJson {
  const unmarkedText = withoutByteOrderMark(receivedText);
  const scan = scanJson(unmarkedText, wanted);
  if (scan.depth > limits.maxDepth) {
    return rejected(
      'too-deep',
      `The JSON is nested ${scan.depth} levels deep, and ${limits.maxDepth} are allowed. ` +
        'Flatten it, or raise limits.maxDepth.',
    );
  }
  if (scan.keys > limits.maxKeys) {
    return rejected(
      'too-many-keys',
      `The JSON has ${scan.keys} keys, and ${limits.maxKeys} are allowed. Split the event, or raise limits.maxKeys.`,
    );
  }
  const parsed = scan.hasUnusualNumber ? parseExactly(unmarkedText) : parse(unmarkedText);
  if (parsed.kind === 'rejected') return parsed;

  const unsafe = scan.hasUnicodeEscape ? findUnsafeEscape(unmarkedText) : undefined;
  if (unsafe !== undefined) return rejected(unsafe.kind, unsafeCharacterDetail(unsafe.kind, unsafe.at));
  if (!unmarkedText.isWellFormed()) {
    return rejected('lone-surrogate', unsafeCharacterDetail('lone-surrogate', undefined));
  }

  return {
    kind: 'json',
    text: unmarkedText.trim(),
    value: parsed.value,
    members: scan.members,
    hasTemplateMarker: mayHoldTemplateMarker(unmarkedText) && holdsTemplateMarker(parsed.value),
  };
}

/** The detail for text with a character that Prefect's database never accepts. */
export function unsafeCharacterDetail(
  kind: 'nul-character' | 'lone-surrogate',
  at: number | undefined,
): string {
  const what = kind === 'nul-character' ? 'the character U+0000' : 'half of a surrogate pair';
  const where = at === undefined ? '' : ` at character ${at}`;
  return `The text holds ${what}${where}, which Prefect cannot store. Remove it, or send the data as base64.`;
}

export type ParsedJsonArray = { readonly kind: 'elements'; readonly texts: readonly string[] } | Rejected;

/**
 * The elements of a JSON array, each as written, so that each can be read and judged alone. Codes: invalid-json,
 * also for JSON that is not an array.
 */
export function splitJsonArray(receivedText: string): ParsedJsonArray {
  const text = withoutByteOrderMark(receivedText);
  const parsed = parse(text);
  if (parsed.kind === 'rejected') return parsed;
  if (!Array.isArray(parsed.value))
    return rejected('invalid-json', 'A batch is a JSON array, and this is none.');
  return { kind: 'elements', texts: scanJson(text, { members: true }).members.map((member) => member.text) };
}

/** How many elements the text of an array has: in one pass that keeps nothing. */
export function countJsonElements(receivedText: string): number {
  return scanJson(receivedText, { members: false }).rootMembers;
}

/** RFC 8259, section 8.1: a parser may ignore a byte order mark. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

type Parsed = { readonly kind: 'parsed'; readonly value: unknown } | Rejected;

function parse(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'parsed', value };
  } catch (error) {
    return rejected('invalid-json', notJsonDetail(error));
  }
}

/** Several times slower than `parse`: integers that a JavaScript number cannot hold become `bigint`. */
function parseExactly(text: string): Parsed {
  let problem: string | undefined;
  const keepExact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
    const digits = /^-?(\d+)$/.exec(source)?.[1];
    if (digits !== undefined) {
      if (digits.length <= MAX_INTEGER_DIGITS) return BigInt(source);
      problem = `an integer has more than ${MAX_INTEGER_DIGITS} digits`;
    } else if (!Number.isFinite(value)) {
      problem = 'a number is beyond 1.8e308';
    }
    return value;
  };
  try {
    const value: unknown = JSON.parse(text, keepExact);
    if (problem === undefined) return { kind: 'parsed', value };
  } catch (error) {
    return rejected('invalid-json', notJsonDetail(error));
  }
  return rejected(
    'number-out-of-range',
    `In the JSON ${problem}, which Prefect cannot read. Send it as a string.`,
  );
}

/** V8's messages quote the payload; only the position is taken from them. */
function notJsonDetail(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  const where =
    position !== undefined
      ? `: it goes wrong at character ${position}`
      : message.includes('end of JSON')
        ? ': it ends too early'
        : '';
  return `This is not JSON (RFC 8259)${where}.`;
}
