/** The table reads several items in one request, but not in one moment: others may write between any two. */
import type { EffectResult, Program } from '../../lib/protocol/effects.ts';
import type { Window } from '../../lib/windows/window.ts';

/** The same, with every read of several windows in as many effects. */
export function* readByRead<Result>(asking: Program<Result>): Program<Result> {
  let step = asking.next();
  while (step.done !== true) {
    const effect = step.value;
    if (effect.kind !== 'read-windows') {
      step = asking.next(yield effect);
      continue;
    }
    const windows = new Map<string, Window>();
    for (const ref of effect.refs) {
      const result: EffectResult = yield { kind: effect.kind, refs: [ref] };
      if (result.kind !== effect.kind)
        throw new Error(`asked for ${effect.kind}, answered with ${result.kind}`);
      for (const [windowId, window] of result.windows) windows.set(windowId, window);
    }
    step = asking.next({ kind: effect.kind, windows });
  }
  return step.value;
}
