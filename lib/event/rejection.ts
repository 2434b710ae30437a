import type { Rejection, RejectionCode } from './record.ts';

/** How every step of decoding says no. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly rejection: Rejection;
}

/** `detail` has the problem, its position and a suggested fix; it never quotes the payload. */
export function rejected(code: RejectionCode, detail: string): Rejected {
  return { kind: 'rejected', rejection: { code, detail } };
}
