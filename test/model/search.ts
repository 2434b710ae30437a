/** Breadth-first search through all states of a model: the first violation that it finds has the shortest trace. */

export interface Step<State> {
  readonly state: State;
  readonly label: string;
}

export interface Searchable<State> {
  readonly start: State;
  /** The same for states that need not be told apart. */
  keyOf(state: State): string;
  stepsFrom(state: State): Iterable<Step<State>>;
  brokenPromise(state: State): string | null;
}

export interface Exploration {
  readonly states: number;
  /** The broken promise and the shortest way to it; null when every state keeps every promise. */
  readonly violation: { readonly promise: string; readonly trace: readonly string[] } | null;
}

interface Found<State> {
  readonly state: State;
  readonly from: Found<State> | null;
  readonly label: string;
}

export class TooManyStatesError extends Error {
  override readonly name = 'TooManyStatesError';

  constructor(maxStates: number) {
    super(`more than ${maxStates} states: make the setting smaller`);
  }
}

export function search<State>(model: Searchable<State>, maxStates: number): Exploration {
  const seen = new Set([model.keyOf(model.start)]);
  let frontier: Found<State>[] = [{ state: model.start, from: null, label: '' }];
  while (frontier.length > 0) {
    const following: Found<State>[] = [];
    for (const found of frontier) {
      const promise = model.brokenPromise(found.state);
      if (promise !== null) return { states: seen.size, violation: { promise, trace: traceTo(found) } };
      for (const { state, label } of model.stepsFrom(found.state)) {
        const key = model.keyOf(state);
        if (seen.has(key)) continue;
        seen.add(key);
        following.push({ state, from: found, label });
      }
    }
    if (seen.size > maxStates) throw new TooManyStatesError(maxStates);
    frontier = following;
  }
  return { states: seen.size, violation: null };
}

function traceTo<State>(found: Found<State>): string[] {
  const labels: string[] = [];
  for (let each = found; each.from !== null; each = each.from) labels.unshift(each.label);
  return labels;
}
