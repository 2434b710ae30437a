import { describe, expect, it } from 'vitest';
import { check, type ViolationKind } from './checker.ts';
import { keyOf, type EventData } from './event.ts';
import type { Observation, ObservedDeadLetter, ObservedRun, SentEvent } from './observation.ts';
import { FLOWS, type RouteName } from './routes.ts';

const ACCEPTED_AT_MS = 1_000_000_000;
const FIRST_SENT_AT_MS = ACCEPTED_AT_MS - 10;

const data: EventData = {
  installation: 'a',
  id: 'event-1',
  line: 'eu',
  amount: 3,
  audit: false,
  key: 'event-1',
  padding: '',
};

function sent(route: RouteName, changes: Partial<SentEvent & EventData> = {}): SentEvent {
  const ownData = { ...data, amount: changes.amount ?? data.amount };
  return {
    data: ownData,
    routes: [route],
    key: keyOf(ownData),
    firstSentAtMs: FIRST_SENT_AT_MS,
    acceptedAtMs: changes.acceptedAtMs === undefined ? ACCEPTED_AT_MS : changes.acceptedAtMs,
  };
}

let runs = 0;

function run(route: RouteName, changes: Partial<ObservedRun> = {}): ObservedRun {
  return {
    flowRunId: `run-${String(++runs)}`,
    flow: FLOWS.find((flow) => flow.route === route)?.flow ?? '',
    route,
    idempotencyKey: 'key',
    stateName: 'Scheduled',
    createdAtMs: ACCEPTED_AT_MS + 20_000,
    window: null,
    version: null,
    events: [data],
    ...changes,
  };
}

/** The interval in which the event arrived is from -2 s to 2 s after it was accepted. */
function slidingRun(startSeconds: number, changes: Partial<ObservedRun> = {}): ObservedRun {
  const startMs = ACCEPTED_AT_MS + startSeconds * 1_000;
  return run('sliding', { window: { startMs, endMs: startMs + 8_000 }, ...changes });
}

const deadLetter: ObservedDeadLetter = {
  installation: 'a',
  eventId: 'event-1',
  route: 'window',
  code: 'refused-by-prefect',
};

function observation(parts: Partial<Observation>): Observation {
  return { sent: [], runs: [], deadLetters: [], deletedRuns: [], ...parts };
}

const kindsOf = (parts: Partial<Observation>): readonly ViolationKind[] =>
  check(observation(parts)).violations.map(({ kind }) => kind);

describe('the checker of the chaos check', () => {
  it.each<[string, Partial<Observation>]>([
    ['an event that is in its one run', { sent: [sent('window')], runs: [run('window')] }],
    [
      'an event that is once in each sliding window that covers it',
      { sent: [sent('sliding')], runs: [slidingRun(-6), slidingRun(-2)] },
    ],
    [
      'poison that is dead-lettered',
      { sent: [sent('window', { amount: 'poison' })], deadLetters: [deadLetter, deadLetter] },
    ],
    [
      'an event that was perhaps accepted, in a run',
      { sent: [sent('none', { acceptedAtMs: null })], runs: [run('none')] },
    ],
    ['an event that was perhaps accepted, in no run', { sent: [sent('none', { acceptedAtMs: null })] }],
    [
      'an event of a changed route in a run of the version that its deployment belongs to',
      { sent: [sent('changed')], runs: [run('changed', { flow: 'chaos-changed-b', version: 'b' })] },
    ],
    [
      'an event whose run was deleted before it started, and that is in another run now',
      { sent: [sent('doomed')], runs: [run('doomed')], deletedRuns: [run('doomed')] },
    ],
  ])('accepts %s', (_what, parts) => {
    expect(kindsOf(parts)).toEqual([]);
  });

  it.each<[string, ViolationKind, Partial<Observation>]>([
    ['is in no run', 'lost', { sent: [sent('window')] }],
    [
      'is in a run of another installation only',
      'lost',
      {
        sent: [sent('window')],
        runs: [run('window', { events: [{ ...data, installation: 'b' }] })],
      },
    ],
    ['is in one of two sliding windows', 'lost', { sent: [sent('sliding')], runs: [slidingRun(-6)] }],
    ['is poison without a dead letter', 'lost', { sent: [sent('window', { amount: 'poison' })] }],
    ['is in two runs', 'doubled', { sent: [sent('none')], runs: [run('none'), run('none')] }],
    [
      'is twice in one run',
      'doubled',
      { sent: [sent('none')], runs: [run('window', { route: 'none', events: [data, data] })] },
    ],
    [
      'is twice in a sliding window',
      'doubled',
      {
        sent: [sent('sliding')],
        runs: [slidingRun(-6), slidingRun(-2), slidingRun(-2)],
      },
    ],
    [
      'is in three sliding windows',
      'doubled',
      {
        sent: [sent('sliding')],
        runs: [slidingRun(-6), slidingRun(-2), slidingRun(2)],
      },
    ],
    [
      'is poison and in a run',
      'doubled',
      {
        sent: [sent('window', { amount: 'poison' })],
        runs: [run('window', { events: [{ ...data, amount: 'poison' }] })],
        deadLetters: [deadLetter],
      },
    ],
    [
      'was perhaps accepted and is in two runs',
      'doubled',
      {
        sent: [sent('none', { acceptedAtMs: null })],
        runs: [run('none'), run('none')],
      },
    ],
    [
      'is healthy and dead-lettered',
      'wrongly-dead-lettered',
      {
        sent: [sent('window')],
        runs: [run('window')],
        deadLetters: [deadLetter],
      },
    ],
    [
      'is healthy and dead-lettered before it had a route',
      'wrongly-dead-lettered',
      {
        sent: [sent('window')],
        runs: [run('window')],
        deadLetters: [{ ...deadLetter, route: null }],
      },
    ],
    [
      'is in a run of its route under another version',
      'wrong-version',
      {
        sent: [sent('changed')],
        runs: [run('changed', { flow: 'chaos-changed-a', version: 'b' })],
      },
    ],
    [
      'is in a sliding run that was created before the window ended',
      'misplaced',
      {
        sent: [sent('sliding')],
        runs: [slidingRun(-6), slidingRun(-2, { createdAtMs: ACCEPTED_AT_MS + 5_999 })],
      },
    ],
    [
      'is in sliding windows that ended before it was sent',
      'misplaced',
      {
        sent: [sent('sliding')],
        runs: [slidingRun(-20), slidingRun(-16)],
      },
    ],
    [
      'is in sliding windows that share no interval',
      'misplaced',
      {
        sent: [sent('sliding')],
        runs: [slidingRun(-2), slidingRun(6)],
      },
    ],
    [
      'has other data in its run',
      'altered',
      {
        sent: [sent('none')],
        runs: [run('none', { events: [{ ...data, amount: 4 }] })],
      },
    ],
    ['was never sent', 'unexpected', { runs: [run('none')] }],
    ['was never sent, and has a dead letter', 'unexpected', { deadLetters: [deadLetter] }],
    [
      'shares a run with more events than the cap allows',
      'over-cap',
      {
        sent: [sent('doomed')],
        runs: [
          run('doomed', {
            events: [
              data,
              ...Array.from({ length: 10 }, (_, index) => ({ ...data, id: `other-${String(index)}` })),
            ],
          }),
        ],
      },
    ],
  ])('notices an event that %s', (_what, kind, parts) => {
    expect(kindsOf(parts)).toContain(kind);
  });

  it('counts an event whose runs were deleted with their deployment apart, and neither as held nor as lost', () => {
    const verdict = check(observation({ sent: [sent('doomed')], deletedRuns: [run('doomed')] }));
    expect(verdict).toEqual({
      violations: [],
      expectations: 1,
      held: 0,
      poison: 0,
      deletedWithDeployment: 1,
      outlivedByMessage: 0,
    });
  });

  // The event was sent 10 ms before a full second, and the claims of its route live for 60 seconds.
  it.each([
    ['its second run was created when its first claim can have expired', [20_000, 59_990]],
    ['its runs are close to each other, since the first was created long after its claim', [45_000, 79_000]],
    ['its third run was created when its second claim can have expired', [100, 60_000, 119_990]],
  ])('counts an event apart if %s', (_what, delaysMs) => {
    const runs = delaysMs.map((delayMs) => run('recurring', { createdAtMs: FIRST_SENT_AT_MS + delayMs }));
    const verdict = check(observation({ sent: [sent('recurring')], runs }));
    expect(verdict).toMatchObject({ violations: [], outlivedByMessage: 1 });
  });

  it.each([
    ['a second run while its first claim lives', [100, 59_009]],
    ['a third run while its second claim lives', [100, 60_000, 119_009]],
    ['two runs that were created together', [100, 100]],
  ])('does not excuse %s', (_what, delaysMs) => {
    const runs = delaysMs.map((delayMs) => run('recurring', { createdAtMs: FIRST_SENT_AT_MS + delayMs }));
    expect(kindsOf({ sent: [sent('recurring')], runs })).toEqual(['doubled']);
  });

  it('does not excuse an event because the deployment of another event was deleted', () => {
    const deletedRuns = [run('doomed', { events: [{ ...data, id: 'event-2' }] })];
    expect(kindsOf({ sent: [sent('doomed')], deletedRuns })).toEqual(['lost']);
  });

  it('judges each route of an event that matches several', () => {
    const event: SentEvent = { ...sent('none'), routes: ['none', 'audit'] };
    expect(check(observation({ sent: [event], runs: [run('none')] })).violations).toMatchObject([
      { kind: 'lost', route: 'audit', event: 'a/event-1' },
    ]);
  });

  it('says which runs a doubled event is in, and under which keys', () => {
    const [first, second] = [run('none', { idempotencyKey: 'one' }), run('none', { idempotencyKey: 'two' })];
    const { violations } = check(observation({ sent: [sent('none')], runs: [first, second] }));
    expect(violations[0]?.detail).toMatch(
      new RegExp(`${first.flowRunId}.*under one; run ${second.flowRunId}.*under two`),
    );
  });
});
