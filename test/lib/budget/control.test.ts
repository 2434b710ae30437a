import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admissionOf,
  afterProbe,
  INITIAL_CONTROL,
  LOWEST_RATE_SHARE,
  mustCheck,
  observe,
  startProbe,
  type Control,
} from '../../../lib/budget/control.ts';

const NOW = 1_790_000_000_000;

function failed(times: number, control: Control = INITIAL_CONTROL): Control {
  let after = control;
  for (let n = 0; n < times; n++) {
    after = observe(after, { kind: 'failure', startedEpochMs: NOW + n, detail: '502' }, NOW + n);
  }
  return after;
}

const open = afterProbe(startProbe(failed(5), NOW, 1_000), false, NOW);

describe('the breaker', () => {
  it('has Prefect checked after five failures in a row', () => {
    expect(mustCheck(failed(4), NOW)).toBe(false);
    expect(mustCheck(failed(5), NOW)).toBe(true);
  });

  it('does not count failures that are a minute apart', () => {
    const old = failed(4);
    const later = NOW + 61_004;
    expect(observe(old, { kind: 'failure', startedEpochMs: later, detail: '502' }, later).failures).toBe(1);
  });

  it('is reset by a success only if it was sent after the last failure', () => {
    const control = failed(4);
    const late = observe(control, { kind: 'success', startedEpochMs: NOW }, NOW + 9);
    expect(late).toBe(control);
    expect(observe(control, { kind: 'success', startedEpochMs: NOW + 4 }, NOW + 9).failures).toBe(0);
  });

  it('stays closed when the check passes: a batch that always fails opens nothing', () => {
    const control = afterProbe(startProbe(failed(5), NOW, 1_000), true, NOW);
    expect(control).toMatchObject({ openedEpochMs: null, failures: 0, rateShare: 1 });
  });

  it('holds longer after each probe that fails, up to two minutes', () => {
    let control = open;
    const holds = [0, 1, 2, 3, 4, 5].map(() => {
      const nowEpochMs = control.heldUntilEpochMs;
      control = afterProbe(startProbe(control, nowEpochMs, 1_000), false, nowEpochMs);
      return control.heldUntilEpochMs - nowEpochMs;
    });
    expect(holds).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it('lets one probe pass at a time, and the next one when the first has died', () => {
    const due = open.heldUntilEpochMs;
    expect(admissionOf(open, due - 1)).toMatchObject({ kind: 'held', by: 'outage' });
    expect(admissionOf(open, due)).toEqual({ kind: 'probe' });
    const probing = startProbe(open, due, 1_000);
    expect(admissionOf(probing, due + 999)).toMatchObject({ kind: 'held', by: 'outage' });
    expect(admissionOf(probing, due + 1_000)).toEqual({ kind: 'probe' });
  });

  it('closes at a sixteenth of the rate, and raises it every ten seconds', () => {
    let control = afterProbe(startProbe(open, open.heldUntilEpochMs, 1_000), true, NOW);
    expect(control.rateShare).toBe(LOWEST_RATE_SHARE);
    for (let step = 1; step <= 15; step++) {
      const nowEpochMs = NOW + step * 10_000;
      control = observe(control, { kind: 'success', startedEpochMs: nowEpochMs }, nowEpochMs);
      expect(control.rateShare).toBeCloseTo((step + 1) / 16);
    }
  });
});

describe('a rate limit of Prefect', () => {
  it('holds all functions as long as Prefect says, and halves the rate once for what was sent together', () => {
    const limit = { kind: 'rate-limited', startedEpochMs: NOW, retryAfterMs: 4_000 } as const;
    const first = observe(INITIAL_CONTROL, limit, NOW + 10);
    expect(first).toMatchObject({ heldUntilEpochMs: NOW + 4_010, heldBy: 'retry-after', rateShare: 0.5 });
    expect(observe(first, limit, NOW + 20).rateShare).toBe(0.5);
  });

  it('never halves below a sixteenth', () => {
    let control = INITIAL_CONTROL;
    for (let n = 1; n <= 10; n++) {
      const at = NOW + n * 2_000;
      control = observe(control, { kind: 'rate-limited', startedEpochMs: at, retryAfterMs: null }, at + 1);
    }
    expect(control.rateShare).toBe(LOWEST_RATE_SHARE);
  });
});

describe('maintenance', () => {
  it('is waited for without counting a failure or lowering the rate', () => {
    const observation = { kind: 'maintenance', startedEpochMs: NOW, retryAfterMs: null } as const;
    const control = observe(INITIAL_CONTROL, observation, NOW);
    expect(control).toMatchObject({ failures: 0, rateShare: 1, heldBy: 'maintenance' });
    expect(admissionOf(control, NOW + 29_999)).toMatchObject({ kind: 'held', by: 'maintenance' });
  });
});

describe('a control', () => {
  it('changes by one version at a time, whatever is observed, so that it is replaced from what was read', () => {
    const observation = fc.record({
      kind: fc.constantFrom(
        'success' as const,
        'failure' as const,
        'rate-limited' as const,
        'maintenance' as const,
      ),
      startedEpochMs: fc.integer({ min: NOW - 100_000, max: NOW + 100_000 }),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 10_000_000 })),
      detail: fc.constant('x'),
      afterMs: fc.integer({ min: 0, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(observation), (observations) => {
        let control = INITIAL_CONTROL;
        let nowEpochMs = NOW;
        for (const each of observations) {
          nowEpochMs += each.afterMs;
          const after = observe(control, each, nowEpochMs);
          if (after !== control) expect(after.version).toBe(control.version + 1);
          // A hold never ends sooner because of what came after it.
          expect(after.heldUntilEpochMs).toBeGreaterThanOrEqual(control.heldUntilEpochMs);
          expect(after.rateShare).toBeGreaterThanOrEqual(LOWEST_RATE_SHARE);
          control = after;
        }
      }),
    );
  });
});
