import type { Rejection, RejectionCode } from './record.ts';

/** How every step of decoding says no. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly rejection: Rejection;
}

/** `detail` says what is wrong, where, and the mend; it never quotes the payload. */
export function rejected(code: RejectionCode, detail: string): Rejected {
  return { kind: 'rejected', rejection: { code, detail } };
}
