/** The soak itself is a program (`npm run soak`); this tests that it would notice a broken promise. */
import { describe, expect, it } from 'vitest';
import type { SentEvent } from './workload.ts';
import { checkAppearances, type Appearance } from './checker.ts';

type Route = SentEvent['route'];

interface Fate {
  readonly isDead?: boolean;
  readonly isDeleted?: boolean;
}

function sent(route: Route, isPoison = false): SentEvent {
  return { id: 'event-0', route, isPoison, body: '{}' };
}

/** The runs that the event is in, one for each of these windows. */
function check(
  event: SentEvent,
  windows: readonly (string | null)[],
  { isDead = false, isDeleted = false }: Fate = {},
) {
  const runs = windows.map((window, index): Appearance => {
    const flowRunId = `run-${String(index)}`;
    return { flowRunId, idempotencyKey: null, state: 'Scheduled', deployment: event.route, window };
  });
  const { lost, doubled, evidence } = checkAppearances(
    [event],
    new Map(runs.length === 0 ? [] : [[event.id, runs]]),
    new Set(isDead ? [event.id] : []),
    new Set(isDeleted ? [event.id] : []),
  );
  return { isLost: lost.length > 0, isDoubled: doubled.length > 0, evidence };
}

describe('the verdict of the soak', () => {
  it.each<[string, SentEvent, (string | null)[], boolean]>([
    ['in one run', sent('invocation'), [null], false],
    ['in a run of its window', sent('window'), ['12:00'], false],
    ['in each window that covers it', sent('sliding'), ['12:00', '12:04'], false],
    ['poison and dead-lettered', sent('none', true), [], true],
  ])('leaves an event alone that is %s', (_what, event, windows, isDead) => {
    expect(check(event, windows, { isDead })).toEqual({ isLost: false, isDoubled: false, evidence: [] });
  });

  it.each<[string, SentEvent, (string | null)[], boolean, string]>([
    ['is in no run', sent('invocation'), [], false, 'lost'],
    ['is in one of the two windows that cover it', sent('sliding'), ['12:00'], false, 'lost'],
    ['was dead-lettered, and is not poison', sent('none'), [], true, 'lost'],
    ['is in a run, and dead-lettered as well', sent('window'), ['12:00'], true, 'lost'],
    ['is poison and has no dead letter', sent('window', true), [], false, 'lost'],
    ['is in two runs', sent('debounce'), ['12:00', '12:04'], false, 'doubled'],
    ['is twice in a run', sent('invocation'), [null, null], false, 'doubled'],
    ['is three times in two windows', sent('sliding'), ['12:00', '12:00', '12:04'], false, 'doubled'],
    ['is poison and in a run', sent('none', true), [null], true, 'doubled'],
  ])('notices an event that %s, and says what is known of it', (_what, event, windows, isDead, verdict) => {
    const { isLost, isDoubled, evidence } = check(event, windows, { isDead });
    expect(verdict === 'lost' ? isLost : isDoubled).toBe(true);
    expect(evidence).toHaveLength(1);
  });

  it('does not count an event as lost whose run Prefect deleted with its deployment, and still notices a second run', () => {
    expect(check(sent('doomed'), [], { isDeleted: true }).isLost).toBe(false);
    expect(check(sent('doomed'), [null], { isDeleted: true })).toMatchObject({
      isLost: false,
      isDoubled: false,
    });
    expect(check(sent('doomed'), [null, null], { isDeleted: true }).isDoubled).toBe(true);
    expect(check(sent('doomed'), [null], { isDead: true, isDeleted: true }).isLost).toBe(true);
  });
});
