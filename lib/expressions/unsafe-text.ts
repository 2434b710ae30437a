/** Text that Prefect can never store: one such text makes its server answer every list of flow runs with an error. */
import type { RejectionCode } from '../event/record.ts';

export interface UnsafeCharacter {
  readonly code: Extract<RejectionCode, 'nul-character' | 'lone-surrogate'>;
  readonly description: string;
}

const NUL: UnsafeCharacter = {
  code: 'nul-character',
  description: 'text with the character U+0000, which Prefect cannot store',
};
const LONE_SURROGATE: UnsafeCharacter = {
  code: 'lone-surrogate',
  description: 'text with half of a surrogate pair, which Prefect cannot store',
};

export function findUnsafeCharacter(text: string): UnsafeCharacter | null {
  if (text.includes('\0')) return NUL;
  return text.isWellFormed() ? null : LONE_SURROGATE;
}
