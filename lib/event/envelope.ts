/** What envelopes have in common: AWS services put what happened into JSON of their own when they pass it on. */
import type { CompiledEnvelope } from '../compiled-config/compiled.ts';
import { readAttributes } from './cloudevents.ts';
import type { CloudEventAttributes } from './event.ts';
import type { Header } from './header.ts';
import type { ParsedJson } from './json-value.ts';
import { rejected, type Rejected } from './rejection.ts';

/** JSON that may be an envelope, with the members of its root. */
export type EnvelopeJson = Extract<ParsedJson, { kind: 'json' }>;

/** One thing that happened, as its envelope says it. */
export interface EnvelopedContent {
  /** For content that is not a CloudEvent itself. `id` is natural to the service: redelivery does not change it. */
  readonly attributes: CloudEventAttributes;
  /** As received: JSON is never printed anew. */
  readonly text: string;
  /** Undefined when the envelope does not say it. */
  readonly contentType: string | undefined;
  /** What the envelope says beside its attributes. */
  readonly headers?: readonly Header[];
}

export type ParsedEnvelope =
  /** No contents: the service only said that it can reach us. */
  | { readonly kind: 'contents'; readonly contents: readonly EnvelopedContent[] }
  | { readonly kind: 'other' }
  | Rejected;

const SERVICE = {
  'sns': 'Amazon SNS',
  'eventbridge': 'Amazon EventBridge',
  'event-bus': 'a custom event bus of Amazon EventBridge',
  's3': 'S3',
} as const;

/** The JSON is an envelope beyond doubt, and yet not one that the service would send. */
export function invalidEnvelope(kind: CompiledEnvelope, problem: string): Rejected {
  return rejected(
    'invalid-envelope',
    `This looks like a message of ${SERVICE[kind]}, but ${problem}. Send it as the service made it, ` +
      `or take ${kind} out of the source's unwrap.`,
  );
}

/** `undefined` values are absent attributes. */
export function envelopedAttributes(
  kind: CompiledEnvelope,
  values: Readonly<Record<string, string | undefined>>,
): { readonly kind: 'attributes'; readonly attributes: CloudEventAttributes } | Rejected {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const reading = readAttributes([['specversion', '1.0'], ...present]);
  if (reading.kind === 'attributes') return reading;
  return invalidEnvelope(
    kind,
    'its fields make no CloudEvents attributes (a field is missing or not printable)',
  );
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
