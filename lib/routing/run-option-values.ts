/** Values of expressions as options of a flow run, under the rules for received data. No message quotes a value. */
import type { Rejection, RejectionCode } from '../event/record.ts';
import { Duration } from '../expressions/duration.ts';
import { renderJson } from '../expressions/render-json.ts';
import { parseTimestamp, Timestamp } from '../expressions/timestamp.ts';
import { printableText } from '../prefect/sanitize-text.ts';

export type ReadValue<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export type RunStart =
  /** So long after the run is created. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'at'; readonly epochMs: number; readonly atMostMs: number };

const MAX_NAME_LENGTH = 200;
const MAX_TAG_LENGTH = 100;
const MAX_JOB_VARIABLE_LENGTH = 1_000;

/** What Sluice and Prefect write themselves: a sender must not be able to imitate it. */
const RESERVED_TAG = /^(?:(?:prefect|sluice)[.:]|route:|sluice$)/i;

/** A name: one line without control characters, cut at 200 characters. */
export function textOf(value: unknown): ReadValue<string> {
  const read = scalarText(value, 'a text');
  return read.kind === 'value' ? accepted(printableText(read.value, MAX_NAME_LENGTH)) : read;
}

/** One tag, or a list of them; empty ones are left out. */
export function tagsOf(value: unknown): ReadValue<readonly string[]> {
  const tags: string[] = [];
  for (const each of Array.isArray(value) ? value : [value]) {
    const read = scalarText(each, 'a text, or a list of texts');
    if (read.kind === 'rejected') return read;
    const tag = printableText(read.value, MAX_TAG_LENGTH);
    if (RESERVED_TAG.test(tag)) {
      return rejected('invalid-run-option', 'it yields a tag in a namespace of Prefect or Sluice');
    }
    if (tag !== '') tags.push(tag);
  }
  return accepted(tags);
}

export function queueIn(value: unknown, allow: readonly string[]): ReadValue<string> {
  return typeof value === 'string' && allow.includes(value)
    ? accepted(value)
    : rejected('unknown-work-queue', 'it yields none of the queues in `allow`');
}

/** Nothing looks at the clock here: whether a time is too far away is decided when the run is created. */
export function startOf(value: unknown, atMostMs: number): ReadValue<RunStart> {
  if (value instanceof Duration) {
    const delayMs = Math.max(0, Number(value.totalNanos / 1_000_000n));
    return delayMs <= atMostMs ? accepted({ kind: 'delay', delayMs }) : tooFar();
  }
  const timestamp = typeof value === 'string' ? parseTimestamp(value) : value;
  if (!(timestamp instanceof Timestamp)) {
    return rejected('invalid-run-option', 'it must yield a timestamp, RFC 3339 text or a duration');
  }
  const { epochSeconds, nanosOfSecond } = timestamp;
  const epochMs = epochSeconds * 1_000 + Math.floor(nanosOfSecond / 1_000_000);
  return accepted({ kind: 'at', epochMs, atMostMs });
}

/** Return when the run starts, in epoch milliseconds: null for at once, since the time is past. */
export function startEpochMs(start: RunStart | null, nowEpochMs: number): ReadValue<number | null> {
  if (start === null) return accepted(null);
  if (start.kind === 'delay') return accepted(nowEpochMs + start.delayMs);
  if (start.epochMs <= nowEpochMs) return accepted(null);
  return start.epochMs - nowEpochMs <= start.atMostMs ? accepted(start.epochMs) : tooFar('run.after: ');
}

/** JSON text of a text or a number. */
export function jobVariableText(
  value: unknown,
  allow: readonly (string | number)[] | null,
): ReadValue<string> {
  const rendered = renderJson(value);
  if (!rendered.ok) return rejected(rendered.code, rendered.message);
  const { text } = rendered;
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'string' && typeof parsed !== 'number') {
    return rejected('invalid-run-option', 'it must yield a text or a number');
  }
  if (allow !== null && !allow.includes(parsed)) {
    return rejected('invalid-run-option', 'it yields none of the values in `allow`');
  }
  if (typeof parsed === 'string') {
    if (parsed.length > MAX_JOB_VARIABLE_LENGTH) {
      return rejected('too-large', `it yields more than ${MAX_JOB_VARIABLE_LENGTH} characters`);
    }
    // A worker fills templates in after it has put the variables into them: blocks and variables would be read.
    if (parsed.includes('{{') || parsed.includes('}}')) {
      return rejected('template-marker', "it yields '{{' or '}}', which a worker of Prefect renders");
    }
  }
  return accepted(text);
}

/** Texts as they are; numbers, bools, timestamps and durations as JSON writes them. */
function scalarText(value: unknown, wanted: string): ReadValue<string> {
  const rendered = renderJson(value);
  if (!rendered.ok) return rejected(rendered.code, rendered.message);
  const { text } = rendered;
  if (/^[[{n]/.test(text)) return rejected('invalid-run-option', `it must yield ${wanted}`);
  return accepted(text.startsWith('"') ? String(JSON.parse(text)) : text);
}

function tooFar(prefix = ''): ReadValue<never> {
  return rejected('invalid-run-option', `${prefix}it yields a time that is further away than \`atMost\``);
}

function accepted<Value>(value: Value): ReadValue<Value> {
  return { kind: 'value', value };
}

function rejected(code: RejectionCode, detail: string): ReadValue<never> {
  return { kind: 'rejected', rejection: { code, detail } };
}
