/** What happens to the world without a worker. */
import type { Fault } from './faults.ts';
import type { World } from './state.ts';

export interface Event {
  readonly world: World;
  /** The fault that it takes. */
  readonly fault: Fault | null;
  readonly label: string;
}
