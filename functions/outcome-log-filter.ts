/** Decides which events and requests have a log line of their own, as `logs.outcomes` says. */
import type { CompiledOutcomeLogs } from '../lib/compiled-config/compiled.ts';
import type { Outcome } from '../lib/outcome.ts';

/** Outcomes that an operator may have to act on, or that are not the last one of the event. */
const ALWAYS_LOGGED = {
  'created': false,
  'duplicate': false,
  'filtered': false,
  'held': true,
  'retry': true,
  'dead-lettered': true,
} as const satisfies Record<Outcome['kind'], boolean>;

export class OutcomeLogFilter {
  readonly #outcomes: CompiledOutcomeLogs;

  constructor(outcomes: CompiledOutcomeLogs) {
    this.#outcomes = outcomes;
  }

  /** `id` names the event, so that all lines of one event are written, whichever function handles it. */
  isLogged({ kind }: Outcome, id: string): boolean {
    return ALWAYS_LOGGED[kind] || this.#isChosen(id);
  }

  /** A refused request always has its line. */
  isRequestLogged(status: number, requestId: string): boolean {
    return status >= 400 || this.#isChosen(requestId);
  }

  #isChosen(id: string): boolean {
    switch (this.#outcomes.kind) {
      case 'all':
        return true;
      case 'exceptions':
        return false;
      case 'sampled':
        return shareOf(id) < this.#outcomes.share;
    }
  }
}

const TWO_TO_THE_32 = 2 ** 32;

/**
 * Map an id to a number from 0 to 1, evenly and always to the same one: FNV-1a, with the final mix of MurmurHash3, since
 * ids of neighbors differ in their last characters only. A cryptographic hash would take longer than the line.
 * https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / TWO_TO_THE_32;
}
