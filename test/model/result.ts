/** What can come of one effect. */
import type { EffectResult } from '../../lib/protocol/effects.ts';
import type { Fault } from './faults.ts';
import type { World } from './state.ts';

export interface Result {
  readonly world: World;
  readonly result: EffectResult;
  /** The fault that it takes. */
  readonly fault: Fault | null;
  readonly label: string;
}

export function certain(world: World, result: EffectResult, label: string): Result {
  return { world, result, fault: null, label };
}

/** Of an effect that may happen without an answer, or get none since it did not happen. */
export function uncertain(
  before: World,
  { world, result }: { readonly world: World; readonly result: EffectResult },
  indeterminate: EffectResult,
  label: string,
): Result[] {
  return [
    certain(world, result, label),
    ...(world === before
      ? []
      : [{ world, result: indeterminate, fault: 'lostAnswer' as const, label: `${label}, result lost` }]),
    { world: before, result: indeterminate, fault: 'lostRequest', label: `${label}, not done` },
  ];
}
