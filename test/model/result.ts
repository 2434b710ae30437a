/** What can come of one effect. */
import type { Answer } from '../../lib/protocol/effects.ts';
import type { Fault } from './faults.ts';
import type { World } from './state.ts';

export interface Result {
  readonly world: World;
  readonly answer: Answer;
  /** The fault that it takes. */
  readonly fault: Fault | null;
  readonly label: string;
}

export function certain(world: World, answer: Answer, label: string): Result {
  return { world, answer, fault: null, label };
}

/** Of an effect that may happen without an answer, or get none since it did not happen. */
export function uncertain(
  before: World,
  { world, answer }: { readonly world: World; readonly answer: Answer },
  unclear: Answer,
  label: string,
): Result[] {
  return [
    certain(world, answer, label),
    ...(world === before
      ? []
      : [{ world, answer: unclear, fault: 'lostAnswer' as const, label: `${label}, answer lost` }]),
    { world: before, answer: unclear, fault: 'lostRequest', label: `${label}, not done` },
  ];
}
