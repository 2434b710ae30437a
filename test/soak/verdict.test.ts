/** The soak itself runs for as long as somebody likes (`npm run soak`); here: that it would notice. */
import { describe, expect, it } from 'vitest';
import type { PouredEvent } from './stream.ts';
import { judgeAppearances, type Appearance } from './verdict.ts';

type Route = PouredEvent['route'];

function poured(route: Route, isPoison = false): PouredEvent {
  return { id: 'event-0', route, isPoison, body: '{}' };
}

/** The runs that the event is in, one for each of these windows. */
function judge(event: PouredEvent, windows: readonly (string | null)[], isDead = false) {
  const runs = windows.map((window, index): Appearance => {
    const flowRunId = `run-${String(index)}`;
    return { flowRunId, idempotencyKey: null, state: 'Scheduled', window };
  });
  const { lost, doubled, evidence } = judgeAppearances(
    [event],
    new Map(runs.length === 0 ? [] : [[event.id, runs]]),
    new Set(isDead ? [event.id] : []),
  );
  return { isLost: lost.length > 0, isDoubled: doubled.length > 0, evidence };
}

describe('the verdict of the soak', () => {
  it.each<[string, PouredEvent, (string | null)[], boolean]>([
    ['in one run', poured('invocation'), [null], false],
    ['in a run of its window', poured('window'), ['12:00'], false],
    ['in each window that covers it', poured('sliding'), ['12:00', '12:04'], false],
    ['poison and dead-lettered', poured('none', true), [], true],
  ])('leaves an event alone that is %s', (_what, event, windows, isDead) => {
    expect(judge(event, windows, isDead)).toEqual({ isLost: false, isDoubled: false, evidence: [] });
  });

  it.each<[string, PouredEvent, (string | null)[], boolean, string]>([
    ['is in no run', poured('invocation'), [], false, 'lost'],
    ['is in one of the two windows that cover it', poured('sliding'), ['12:00'], false, 'lost'],
    ['was dead-lettered, and nobody refuses it', poured('none'), [], true, 'lost'],
    ['is in a run, and dead-lettered as well', poured('window'), ['12:00'], true, 'lost'],
    ['is poison and has no dead letter', poured('window', true), [], false, 'lost'],
    ['is in two runs', poured('debounce'), ['12:00', '12:04'], false, 'doubled'],
    ['is twice in a run', poured('invocation'), [null, null], false, 'doubled'],
    ['is three times in two windows', poured('sliding'), ['12:00', '12:00', '12:04'], false, 'doubled'],
    ['is poison and in a run', poured('none', true), [null], true, 'doubled'],
  ])('notices an event that %s, and says what is known of it', (_what, event, windows, isDead, verdict) => {
    const { isLost, isDoubled, evidence } = judge(event, windows, isDead);
    expect(verdict === 'lost' ? isLost : isDoubled).toBe(true);
    expect(evidence).toHaveLength(1);
  });
});
