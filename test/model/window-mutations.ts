/**
 * The mutations of windows, made in the real decision code, or (W4, W5, W6, W12, W15, W21, W29, W38) in what the table and
 * the queue of timers promise. W1 to W14 are those that the protocol's notes name, as far as this design lets somebody
 * make them; from W15 on they are its own.
 */
import { APPEND_MUTATIONS } from './append-mutations.ts';
import { FLUSH_MUTATIONS } from './flush-mutations.ts';
import type { Mutation } from './mutation.ts';
import type { WindowSettingName } from './window-settings.ts';

export const WINDOW_MUTATIONS: readonly Mutation<WindowSettingName>[] = [
  ...APPEND_MUTATIONS,
  ...FLUSH_MUTATIONS,
].sort((one, other) => numberOf(one) - numberOf(other));

function numberOf({ id }: Mutation): number {
  return Number(id.slice(1));
}
