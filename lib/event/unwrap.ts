/** Takes off the envelopes of AWS services, in whatever order they were put on. */
import type { CompiledEnvelope } from '../compiled-config/compiled.ts';
import type { EnvelopedContent, EnvelopeJson, ParsedEnvelope } from './envelope.ts';
import { readEventBusEnvelope } from './event-bus-envelope.ts';
import { readEventBridgeEnvelope } from './eventbridge-envelope.ts';
import { readJson, type JsonLimits } from './json-value.ts';
import type { Rejected } from './rejection.ts';
import { readS3Notification } from './s3-notification.ts';
import { readSnsEnvelope } from './sns-envelope.ts';

/** Levels of JSON that envelopes add around the data: `{ Records: [ … ] }`. */
const LEVELS_OF_AN_ENVELOPE = 2;

/** S3 → EventBridge → SNS are three; more do not occur, and each costs another pass. */
export const MAX_ENVELOPES = 4;

const READERS: Readonly<Record<CompiledEnvelope, (json: EnvelopeJson) => ParsedEnvelope>> = {
  'sns': readSnsEnvelope,
  'eventbridge': readEventBridgeEnvelope,
  'event-bus': readEventBusEnvelope,
  's3': readS3Notification,
};

export type UnwrappedContents =
  { readonly kind: 'contents'; readonly contents: readonly EnvelopedContent[] } | Rejected;

/** Undefined when the text is in no envelope of these kinds, as with raw message delivery. */
export function unwrap(
  text: string,
  kinds: readonly CompiledEnvelope[],
  limits: JsonLimits,
  maxEnvelopes: number,
): UnwrappedContents | undefined {
  return unwrapAt(maxEnvelopes, text, kinds, limits);
}

function unwrapAt(
  envelopesLeft: number,
  text: string,
  kinds: readonly CompiledEnvelope[],
  limits: JsonLimits,
): UnwrappedContents | undefined {
  if (envelopesLeft === 0) return undefined;
  const outer = readEnvelope(text, kinds, limits);
  if (outer.kind === 'other') return undefined;
  if (outer.kind === 'rejected') return outer;

  const contents: EnvelopedContent[] = [];
  for (const content of outer.contents) {
    const inner = unwrapAt(envelopesLeft - 1, content.text, kinds, limits);
    if (inner?.kind === 'rejected') return inner;
    contents.push(...(inner?.contents.map((each) => within(content, each)) ?? [content]));
  }
  return { kind: 'contents', contents };
}

/** What an outer envelope says is said of the content of the inner one. */
function within({ headers }: EnvelopedContent, content: EnvelopedContent): EnvelopedContent {
  return headers === undefined ? content : { ...content, headers: [...headers, ...(content.headers ?? [])] };
}

function readEnvelope(text: string, kinds: readonly CompiledEnvelope[], limits: JsonLimits): ParsedEnvelope {
  if (!/^\uFEFF?[ \t\n\r]*\{/.test(text)) return { kind: 'other' };
  // How many keys the envelope has is bounded by its size; those of each event are counted when that is read.
  const json = readJson(
    text,
    { maxDepth: limits.maxDepth + LEVELS_OF_AN_ENVELOPE * MAX_ENVELOPES, maxKeys: Number.POSITIVE_INFINITY },
    { members: true },
  );
  // Reading the text as an event reports what is wrong with it.
  if (json.kind === 'rejected') return { kind: 'other' };
  for (const kind of kinds) {
    const reading = READERS[kind](json);
    if (reading.kind !== 'other') return reading;
  }
  return { kind: 'other' };
}
