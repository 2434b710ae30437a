import { describe, expect, it } from 'vitest';
import { matchOutcomes, type AcceptedEvent } from '../../../scripts/demo/event-outcomes.ts';
import type { OutcomeLine } from '../../../scripts/demo/outcome-log.ts';

function accepted(source: string, id: string): AcceptedEvent {
  return { kind: 'accepted', caption: '', source, id };
}

function line(outcome: OutcomeLine['outcome'], facts: Partial<OutcomeLine>): OutcomeLine {
  return { message: 'event', timestamp: '', outcome, source: 'hook', recordId: 'record', ...facts };
}

describe('the outcome of an accepted event', () => {
  it('is found by the id of the event or of the message, on its own source', () => {
    const log = [
      line('created', { source: 'jobs', recordId: 'message', eventId: 'a' }),
      line('filtered', { source: 'hook', recordId: 'internal', eventId: 'a' }),
    ];
    const outcomes = matchOutcomes([accepted('hook', 'a'), accepted('jobs', 'message')], log);
    expect(outcomes.map(({ outcome }) => outcome?.outcome)).toEqual(['filtered', 'created']);
  });

  it('is distinguished for an event that was accepted twice', () => {
    const log = [
      line('created', { recordId: '1', eventId: 'a' }),
      line('duplicate', { recordId: '2', eventId: 'a' }),
    ];
    const twice = [accepted('hook', 'a'), accepted('hook', 'a')];
    expect(matchOutcomes(twice, log).map(({ outcome }) => outcome?.outcome)).toEqual([
      'created',
      'duplicate',
    ]);
    expect(matchOutcomes(twice, log.slice(0, 1))[1]?.outcome).toBeNull();
  });

  it('is unknown while the event waits for its redelivery', () => {
    const retried = line('retry', { eventId: 'a' });
    expect(matchOutcomes([accepted('hook', 'a')], [retried])[0]?.outcome).toBeNull();
    const created = line('created', { eventId: 'a' });
    expect(matchOutcomes([accepted('hook', 'a')], [retried, created])[0]?.outcome).toBe(created);
  });

  it('stays the same when the message is delivered again', () => {
    const log = [line('created', { eventId: 'a' }), line('duplicate', { eventId: 'a' })];
    const outcomes = matchOutcomes([accepted('hook', 'a'), accepted('hook', 'a')], log);
    expect(outcomes.map(({ outcome }) => outcome?.outcome)).toEqual(['created', undefined]);
  });
});
