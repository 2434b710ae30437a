import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreateFailureStats } from '../../../lib/prefect/create-failure-stats.ts';
import { isRequestSuspect } from '../../../lib/prefect/poison-detection.ts';

describe('isRequestSuspect', () => {
  it('suspects nothing while nothing else passes, however often it fails', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), (failures, othersFailed) => {
        expect(isRequestSuspect({ failures, othersCreated: 0, othersFailed })).toBe(false);
      }),
    );
  });

  it('never suspects a request that failed less often than one that it does not suspect', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), (failures, othersCreated, othersFailed) => {
        const evidence = { failures, othersCreated, othersFailed };
        fc.pre(!isRequestSuspect(evidence));
        expect(isRequestSuspect({ ...evidence, failures: Math.max(0, failures - 1) })).toBe(false);
        expect(isRequestSuspect({ ...evidence, othersFailed: othersFailed + 1 })).toBe(false);
      }),
    );
  });

  it.each([
    { failures: 3, othersCreated: 20, othersFailed: 0, suspect: true, why: 'all others pass' },
    { failures: 1, othersCreated: 1_000, othersFailed: 0, suspect: false, why: 'one failure is an accident' },
    { failures: 9, othersCreated: 38, othersFailed: 62, suspect: false, why: 'SQLite answers 503 to 62 %' },
    {
      failures: 30,
      othersCreated: 38,
      othersFailed: 62,
      suspect: true,
      why: 'even there it passes in the end',
    },
  ])('is $suspect for $failures failures when $why', ({ suspect, failures, othersCreated, othersFailed }) => {
    expect(isRequestSuspect({ failures, othersCreated, othersFailed })).toBe(suspect);
  });
});

describe('CreateFailureStats', () => {
  it('counts what happened to others since a request failed first', () => {
    const history = new CreateFailureStats();
    history.created('before');
    expect(history.failed('bad')).toEqual({ failures: 1, othersCreated: 0, othersFailed: 0 });
    history.created('good');
    history.failed('also bad');
    expect(history.failed('bad')).toEqual({ failures: 2, othersCreated: 1, othersFailed: 1 });
  });

  it('forgets the failures of a request that was created after all', () => {
    const history = new CreateFailureStats();
    history.failed('slow');
    history.created('slow');
    history.created('other');
    expect(history.failed('slow')).toEqual({ failures: 1, othersCreated: 0, othersFailed: 0 });
  });

  it('remembers a bounded number of requests', () => {
    const history = new CreateFailureStats();
    for (let request = 0; request < 5_000; request++) history.failed(`request ${request}`);
    expect(history.failed('request 4999').failures).toBe(2);
    expect(history.failed('request 0').failures).toBe(1);
  });
});
