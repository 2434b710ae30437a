import { describe, expect, it } from 'vitest';
import { fatesOf, type AcceptedEvent } from '../../../scripts/demo/fates.ts';
import type { OutcomeLine } from '../../../scripts/demo/outcome-log.ts';

function accepted(source: string, id: string): AcceptedEvent {
  return { kind: 'accepted', caption: '', source, id };
}

function line(outcome: OutcomeLine['outcome'], facts: Partial<OutcomeLine>): OutcomeLine {
  return { message: 'event', timestamp: '', outcome, source: 'hook', recordId: 'record', ...facts };
}

describe('what became of accepted events', () => {
  it('is found by the id of the event or of the message, on its own source', () => {
    const log = [
      line('created', { source: 'jobs', recordId: 'message', eventId: 'a' }),
      line('filtered', { source: 'hook', recordId: 'internal', eventId: 'a' }),
    ];
    const fates = fatesOf([accepted('hook', 'a'), accepted('jobs', 'message')], log);
    expect(fates.map(({ outcome }) => outcome?.outcome)).toEqual(['filtered', 'created']);
  });

  it('is told apart for an event that was accepted twice', () => {
    const log = [
      line('created', { recordId: '1', eventId: 'a' }),
      line('duplicate', { recordId: '2', eventId: 'a' }),
    ];
    const twice = [accepted('hook', 'a'), accepted('hook', 'a')];
    expect(fatesOf(twice, log).map(({ outcome }) => outcome?.outcome)).toEqual(['created', 'duplicate']);
    expect(fatesOf(twice, log.slice(0, 1))[1]?.outcome).toBeNull();
  });

  it('is not known as long as the event is to be delivered again', () => {
    const again = line('retry', { eventId: 'a' });
    expect(fatesOf([accepted('hook', 'a')], [again])[0]?.outcome).toBeNull();
    const created = line('created', { eventId: 'a' });
    expect(fatesOf([accepted('hook', 'a')], [again, created])[0]?.outcome).toBe(created);
  });

  it('does not become something else when the same message is delivered once more', () => {
    const log = [line('created', { eventId: 'a' }), line('duplicate', { eventId: 'a' })];
    const fates = fatesOf([accepted('hook', 'a'), accepted('hook', 'a')], log);
    expect(fates.map(({ outcome }) => outcome?.outcome)).toEqual(['created', undefined]);
  });
});
