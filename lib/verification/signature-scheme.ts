/** How one sender signs: a row of data, so that adding a sender is adding a row. */
import type { DeliveryIdPlace } from './delivery-id.ts';
import type { TimestampUnit } from './freshness.ts';
import type { HeaderField } from './header-field.ts';
import type { SecretKind } from './secret-list.ts';
import type { SignatureKey } from './signature-key.ts';
import type { SignedContent } from './signed-content.ts';
import type { Handshake } from './verification.ts';

export interface SignatureScheme {
  readonly signature: HeaderField;
  /** A second header with a signature of the same content, by another key. */
  readonly secondSignature?: HeaderField;
  /** Of a signed timestamp; without one nothing but the identity of events protects from replay. */
  readonly timestamp?: HeaderField & { readonly unit: TimestampUnit };
  /** Of an id that is signed. It names the delivery, too. */
  readonly id?: HeaderField;
  readonly signed: SignedContent;
  readonly keys: SecretKind<SignatureKey>;
  readonly deliveryId?: DeliveryIdPlace;
  /** Different deliveries may have the same body, and have no id. */
  readonly repeatsBodies?: true;
  /** Of a timestamp inside the body: checked as soon as the body is verified. */
  readonly bodyTimestamp?: { readonly path: readonly string[]; readonly unit: TimestampUnit };
  /** The response to a verified request that is not an event; null if it is one. */
  readonly handshake?: (verifiedJson: unknown, key: SignatureKey) => Handshake | null;
}
