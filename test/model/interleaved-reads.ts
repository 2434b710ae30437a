/** The table reads several items in one request, but not in one moment: others may write between any two. */
import type { Answer, Asking } from '../../lib/protocol/effects.ts';
import type { Window } from '../../lib/windows/window.ts';

/** The same, with every read of several windows in as many effects. */
export function* readByRead<Result>(asking: Asking<Result>): Asking<Result> {
  let step = asking.next();
  while (step.done !== true) {
    const effect = step.value;
    if (effect.kind !== 'read-windows') {
      step = asking.next(yield effect);
      continue;
    }
    const windows = new Map<string, Window>();
    for (const place of effect.places) {
      const answer: Answer = yield { kind: effect.kind, places: [place] };
      if (answer.kind !== effect.kind)
        throw new Error(`asked for ${effect.kind}, answered with ${answer.kind}`);
      for (const [windowId, window] of answer.windows) windows.set(windowId, window);
    }
    step = asking.next({ kind: effect.kind, windows });
  }
  return step.value;
}
