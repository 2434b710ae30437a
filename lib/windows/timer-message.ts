/** The message on the timer queue: which window to look at, and when. */
import { windowIdOf } from './window.ts';
import type { WindowTimer } from './window-ports.ts';

export type ParsedTimer =
  | { readonly kind: 'timer'; readonly timer: WindowTimer }
  /** `detail` does not quote the message. */
  | { readonly kind: 'rejected'; readonly detail: string };

const VERSION = 1;

export function timerMessageOf({ ref, routeVersion, dueEpochMs }: WindowTimer): string {
  const { series, sequence } = ref;
  const { route, keyHash } = series;
  return JSON.stringify({ v: VERSION, route, keyHash, sequence, routeVersion, dueEpochMs });
}

/**
 * Parse a timer message. Total. Every producer of the queue could have written it, so only its form is checked: a wrong
 * reference leads to a window that does not exist.
 */
export function parseTimerMessage(body: string): ParsedTimer {
  const { v, route, keyHash, sequence, routeVersion, dueEpochMs } = membersOf(body);
  if (v !== VERSION) return rejected(`it is not JSON with "v": ${VERSION}`);
  if (!isText(route, ROUTE_NAME)) return rejected('route is not the name of a route');
  if (!isText(keyHash, SHA256_BASE64URL)) return rejected('keyHash is not a SHA-256 in base64url');
  if (!isCount(sequence)) return rejected('sequence is not a whole number from 0');
  if (!isText(routeVersion, ROUTE_VERSION)) return rejected('routeVersion is not 16 hexadecimal digits');
  if (!isCount(dueEpochMs)) return rejected('dueEpochMs is not a whole number from 0');
  const ref = { series: { route, keyHash }, sequence };
  return { kind: 'timer', timer: { windowId: windowIdOf(ref), ref, routeVersion, dueEpochMs } };
}

const ROUTE_NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const SHA256_BASE64URL = /^[A-Za-z0-9_-]{43}$/;
const ROUTE_VERSION = /^[0-9a-f]{16}$/;

function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function rejected(detail: string): ParsedTimer {
  return { kind: 'rejected', detail: `The message is not a timer: ${detail}.` };
}
