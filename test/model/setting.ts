/** What one exploration is about. */
import type { WindowRules } from '../../lib/windows/window-rules.ts';
import { NO_FAULTS, type Faults } from './faults.ts';
import { EMPTY_WORLD, type Behaviour, type World } from './state.ts';

export interface Setting {
  readonly events: readonly string[];
  readonly workers: number;
  readonly faults: Faults;
  readonly start: World;
  readonly rules: WindowRules;
  /** Of the second version of the route, if they are others. */
  readonly rulesOfV2: WindowRules | null;
  /** Events that do not wait. */
  readonly urgent: readonly string[];
  readonly hasSweep: boolean;
  /** What a clock may say when events are appended, and before anything is due when a window is flushed. */
  readonly appendEpochMs: readonly number[];
  readonly earlyEpochMs: readonly number[];
  /** Whether a worker is always told that an event was delivered before. */
  readonly redeliveries: 'told' | 'told-or-not';
  readonly behaviour: Behaviour;
}

/** Windows of two events. */
export const TUMBLING: WindowRules = {
  quietMs: null,
  maxWaitMs: 10,
  paneMs: null,
  panes: 1,
  maxEvents: 2,
  maxBytes: 100,
};

type Options = Omit<Partial<Setting>, 'events' | 'faults'>;

export function settingOf(
  events: readonly string[],
  faults: Partial<Faults>,
  options: Options = {},
): Setting {
  return {
    events,
    workers: 2,
    start: EMPTY_WORLD,
    rules: TUMBLING,
    rulesOfV2: null,
    urgent: [],
    hasSweep: false,
    appendEpochMs: [0],
    earlyEpochMs: [],
    redeliveries: 'told-or-not',
    behaviour: {},
    ...options,
    faults: { ...NO_FAULTS, ...faults },
  };
}

export function rulesOf(
  { rules, rulesOfV2 }: Pick<Setting, 'rules' | 'rulesOfV2'>,
  version: string,
): WindowRules {
  return version === 'v2' ? (rulesOfV2 ?? rules) : rules;
}
