/** What senders call a delivery: the same id when it is sent again, another one for another event. */
import { memberAt } from './verified-json.ts';

export type DeliveryIdPlace =
  { readonly header: string; readonly orHeader?: string } | { readonly body: readonly string[] };

/** Ids become part of events and log lines. A header that was sent twice holds a comma and is none. */
const DELIVERY_ID = /^[\x21-\x2b\x2d-\x7e]{1,200}$/;

/** Undefined when there is none: then the digest of the body tells deliveries apart. */
export function deliveryIdOf(
  place: DeliveryIdPlace,
  headers: ReadonlyMap<string, string>,
  verifiedJson: unknown,
): string | undefined {
  const id =
    'body' in place
      ? memberAt(verifiedJson, place.body)
      : (headers.get(place.header) ?? headers.get(place.orHeader ?? ''));
  return isDeliveryId(id) ? id : undefined;
}

export function isDeliveryId(id: unknown): id is string {
  return typeof id === 'string' && DELIVERY_ID.test(id);
}
