import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  capsOf,
  expiryReason,
  movedDue,
  nextWindowRef,
  pageOf,
  spanOf,
  timesOf,
  closeReason,
  windowRulesOf,
} from '../../../lib/windows/window-rules.ts';
import type { Window } from '../../../lib/windows/window.ts';

const caps = { key: null, maxEvents: 10, maxBytes: 1_000 };
const tumbling = windowRulesOf({ ...caps, mode: 'window', maxWaitSeconds: 10, bypassWhen: null });
const debounce = windowRulesOf({
  ...caps,
  mode: 'debounce',
  quietSeconds: 5,
  maxWaitSeconds: 60,
  bypassWhen: null,
});
const sliding = windowRulesOf({ ...caps, mode: 'sliding', sizeSeconds: 60, everySeconds: 20 });

const NOW = 1_790_000_000_000;
const instant = fc.integer({ min: NOW, max: NOW + 86_400_000 });

function makeWindow(changes: Partial<Window> = {}): Window {
  return {
    series: { route: 'r', keyHash: 'k' },
    sequence: 0,
    key: '',
    routeVersion: 'v1',
    openedAtEpochMs: NOW,
    deadlineEpochMs: NOW + 10_000,
    dueEpochMs: NOW + 10_000,
    state: 'open',
    isClosed: false,
    count: 1,
    bytes: 100,
    additions: 1,
    flushLeaseEpochMs: null,
    reason: null,
    sealedAtEpochMs: null,
    deployments: [{ fromPart: 0, deploymentRef: 'D' }],
    ...changes,
  };
}

const ONE_EVENT = { count: 1, bytes: 100, routeVersion: 'v1' };

describe('the place of an event', () => {
  it('is the open window, or the sequence after the last', () => {
    const open = makeWindow({ sequence: 7 });
    expect(nextWindowRef({ sequence: 7, window: open }, tumbling, NOW)).toEqual({
      sequence: 7,
      window: open,
    });
    const sealed = makeWindow({ sequence: 7, state: 'sealed' });
    expect(nextWindowRef({ sequence: 7, window: sealed }, tumbling, NOW)).toEqual({
      sequence: 8,
      window: null,
    });
    expect(nextWindowRef({ sequence: 7, window: null }, tumbling, NOW)).toEqual({
      sequence: 8,
      window: null,
    });
    expect(nextWindowRef({ sequence: null, window: null }, tumbling, NOW)).toEqual({
      sequence: 0,
      window: null,
    });
  });

  it('never lies below a sequence that was opened or given up, whatever the clock says', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat()),
        instant,
        fc.constantFrom(tumbling, sliding),
        (sequence, now, rules) => {
          const { sequence: next } = nextWindowRef({ sequence, window: null }, rules, now);
          expect(next).toBeGreaterThan(sequence ?? -1);
        },
      ),
    );
  });

  it('is the pane of the clock where windows overlap', () => {
    const pane = Math.floor(NOW / 20_000);
    expect(nextWindowRef({ sequence: pane - 3, window: null }, sliding, NOW).sequence).toBe(pane);
    const ahead = makeWindow({ sequence: pane + 1 });
    expect(nextWindowRef({ sequence: pane + 1, window: ahead }, sliding, NOW).window).toBe(ahead);
  });
});

describe('the times of a window', () => {
  it('end so long after its first event, at the quiet time, or with the pane', () => {
    expect(timesOf({ sequence: 0 }, tumbling, NOW)).toMatchObject({ dueEpochMs: NOW + 10_000 });
    expect(timesOf({ sequence: 0 }, debounce, NOW)).toMatchObject({
      dueEpochMs: NOW + 5_000,
      deadlineEpochMs: NOW + 60_000,
    });
    expect(timesOf({ sequence: 3 }, sliding, NOW)).toEqual({
      openedAtEpochMs: 60_000,
      dueEpochMs: 80_000,
      deadlineEpochMs: 80_000,
    });
  });

  it('move forwards with every event of a debounce, and never beyond the deadline', () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 20 }), (instants) => {
        const window = timesOf({ sequence: 0 }, debounce, NOW);
        let due = window.dueEpochMs;
        for (const now of instants) {
          const moved = movedDue({ ...window, dueEpochMs: due }, debounce, now);
          expect(moved).toBeGreaterThanOrEqual(due);
          expect(moved).toBeLessThanOrEqual(window.deadlineEpochMs);
          due = moved;
        }
      }),
    );
    expect(movedDue(makeWindow(), tumbling, NOW + 9_000)).toBe(NOW + 10_000);
  });

  it('are in the labels of the run: from the first event to its closing, or the whole of overlapping panes', () => {
    const span = (changes: Partial<Window>) => spanOf(makeWindow(changes), tumbling);
    expect(span({ sealedAtEpochMs: NOW + 12_345 })).toEqual({ startEpochMs: NOW, endEpochMs: NOW + 10_000 });
    expect(span({ sealedAtEpochMs: NOW + 3_000 })).toEqual({ startEpochMs: NOW, endEpochMs: NOW + 3_000 });
    expect(spanOf(makeWindow({ sequence: 4 }), sliding)).toEqual({
      startEpochMs: 40_000,
      endEpochMs: 100_000,
    });
  });

  it('tell a quiet window from one that is closed by the clock', () => {
    expect(expiryReason({ dueEpochMs: NOW, deadlineEpochMs: NOW + 1 })).toBe('quiet');
    expect(expiryReason({ dueEpochMs: NOW, deadlineEpochMs: NOW })).toBe('time');
  });
});

describe('an open window', () => {
  it.each([
    ['takes what fits exactly', { count: 9, bytes: 900 }, null],
    ['is closed by the count when one event is too many', { count: 10, bytes: 100 }, 'count'],
    ['is closed by the bytes when one is too many', { count: 1, bytes: 901 }, 'bytes'],
    ['is closed by the clock when it is due', { dueEpochMs: NOW, deadlineEpochMs: NOW }, 'time'],
    ['is closed by the quiet', { dueEpochMs: NOW, deadlineEpochMs: NOW + 1 }, 'quiet'],
    ['is closed when its route was changed', { routeVersion: 'v0' }, 'route-changed'],
  ] as const)('%s', (_, changes, reason) => {
    const window = makeWindow({ dueEpochMs: NOW + 1, deadlineEpochMs: NOW + 1, ...changes });
    expect(closeReason(window, ONE_EVENT, tumbling, NOW)).toBe(reason);
  });

  it('never overshoots a cap', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(2_000), fc.nat(20), fc.nat(2_000), (count, bytes, more, moreBytes) => {
        const added = { count: more, bytes: moreBytes, routeVersion: 'v1' };
        if (closeReason(makeWindow({ count, bytes }), added, tumbling, NOW) !== null) return;
        expect(count + more).toBeLessThanOrEqual(tumbling.maxEvents);
        expect(bytes + moreBytes).toBeLessThanOrEqual(tumbling.maxBytes);
      }),
    );
  });

  it('is closed by no cap where windows overlap: its runs are split when it is flushed', () => {
    const full = makeWindow({ count: 1_000, bytes: 1_000_000, routeVersion: 'v0' });
    expect(closeReason(full, ONE_EVENT, sliding, NOW)).toBeNull();
    expect(capsOf(sliding).maxEvents).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('the page on which an addition is listed', () => {
  it('lists no more than a write unit holds, however many additions there were before', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (additions) => {
        const nearby = Array.from({ length: 61 }, (_, offset) => additions + offset - 30).filter(
          (each) => each >= 0,
        );
        const listed = nearby.filter((each) => pageOf(each) === pageOf(additions));
        // A batch id takes 70 bytes, and a write unit is 1,024.
        expect(listed.length * 70).toBeLessThanOrEqual(1_024);
        expect(pageOf(additions + 1) - pageOf(additions)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
