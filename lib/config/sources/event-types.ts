/** Which types the events of a source can have, as far as that is known before they arrive. */
import { isWebhookSenderName, WEBHOOK_SENDERS, type TypePlace } from '../../event/webhook-senders.ts';
import type { Valid } from '../valid-parts.ts';
import type { SourceConfiguration } from './model.ts';

export interface EventTypes {
  /** The type of events whose sender states none. */
  readonly byDefault: string;
  /** Places where the sender states one. */
  readonly stated: readonly TypePlace[];
}

/** Null if a type may be anything: CloudEvents bring their own, and envelopes that of what is inside. */
export function eventTypesOf(source: Valid<SourceConfiguration>): EventTypes | null {
  if (source.type === 'eventbridge' || source.eventType === null) return null;
  const { unwrap, format, eventType } = source;
  if (unwrap === null || unwrap.length > 0) return null;
  const stated = source.type === 'http' ? typesStatedBy(source.verify) : null;
  const isPlain = format === 'json' || format === 'text' || format === 'binary';
  if (stated === null) return isPlain ? { byDefault: eventType, stated: [] } : null;
  const areAnything = format === 'cloudevents' || stated.some(({ prefix }) => prefix === '');
  return areAnything ? null : { byDefault: eventType, stated };
}

/** Null for senders without a preset. */
function typesStatedBy(verify: unknown): readonly TypePlace[] | null {
  const scheme: unknown =
    typeof verify === 'object' && verify !== null ? Reflect.get(verify, 'scheme') : null;
  return typeof scheme === 'string' && isWebhookSenderName(scheme) ? WEBHOOK_SENDERS[scheme].types : null;
}
