import { describe, expect, it } from 'vitest';
import { parseReconcileRequest } from '../../../lib/reconcile/invocation-protocol.ts';
import { EMPTY_CLAIMS_REPORT, EMPTY_WINDOWS_REPORT } from '../../../lib/reconcile/findings.ts';
import { runReconciliation, type ReconcileFunction } from '../../../lib/reconcile/reconcile-session.ts';

type Result = Awaited<ReturnType<ReconcileFunction['invoke']>>;

const FAILED: Result = { kind: 'failed', detail: 'the function failed: read its log' };

function part(changes: object): Result {
  return {
    kind: 'answered',
    answer: { sluiceReconcile: 1, dryRun: true, windows: null, claims: null, nextKey: null, ...changes },
  };
}

/** Gives these answers one after the other, and keeps what it was asked. */
function functionWith(...results: readonly Result[]) {
  const asked: ReturnType<typeof parseReconcileRequest>[] = [];
  const invoke = (requestJson: string): Promise<Result> => {
    asked.push(parseReconcileRequest(JSON.parse(requestJson)));
    return Promise.resolve(results[asked.length - 1] ?? FAILED);
  };
  return { asked, invoke };
}

const TERMS = { scope: 'everything', dryRun: true, onProgress: () => undefined } as const;

describe('runReconciliation', () => {
  it('continues a reconciliation where the last part ended, and adds up the findings', async () => {
    const fn = functionWith(
      part({
        windows: { ...EMPTY_WINDOWS_REPORT, unclosed: 1 },
        claims: { ...EMPTY_CLAIMS_REPORT, settled: 2 },
        nextKey: 'C#a',
      }),
      part({ claims: { ...EMPTY_CLAIMS_REPORT, settled: 3 }, nextKey: 'C#b' }),
      part({ claims: { ...EMPTY_CLAIMS_REPORT, inFlight: 4 } }),
    );
    const progress: number[] = [];
    const report = await runReconciliation(fn, { ...TERMS, onProgress: (parts) => progress.push(parts) });
    expect(report).toMatchObject({
      windows: { unclosed: 1 },
      claims: { settled: 5, inFlight: 4 },
      nextKey: null,
    });
    expect(fn.asked.map((request) => request?.startKey)).toEqual([null, 'C#a', 'C#b']);
    expect(fn.asked.every((request) => request?.dryRun === true && request.scope === 'everything')).toBe(
      true,
    );
    expect(progress).toEqual([1, 2]);
  });

  it('repeats a failed part of a reconciliation, and gives up after three attempts', async () => {
    const patient = functionWith(FAILED, FAILED, part({ claims: EMPTY_CLAIMS_REPORT }));
    expect(await runReconciliation(patient, TERMS)).toMatchObject({ claims: EMPTY_CLAIMS_REPORT });
    await expect(runReconciliation(functionWith(), TERMS)).rejects.toMatchObject({
      name: 'ReconciliationFailedError',
      message: FAILED.detail,
    });
  });

  it('rejects the response of another version', async () => {
    const stranger: Result = { kind: 'answered', answer: { sluiceReconcile: 2, claims: null } };
    await expect(runReconciliation(functionWith(stranger, stranger, stranger), TERMS)).rejects.toThrow(
      'use the version that was deployed',
    );
  });
});

describe('a request to reconcile', () => {
  const request = { sluiceReconcile: 1, scope: 'everything', dryRun: false, startKey: 'C#a', maxPages: 20 };

  it('treats a request to reconcile as a dry run unless dryRun is false', () => {
    for (const dryRun of [undefined, null, 'false', 0, true]) {
      expect(parseReconcileRequest({ ...request, dryRun })?.dryRun).toBe(true);
    }
    expect(parseReconcileRequest(request)).toEqual({
      scope: 'everything',
      dryRun: false,
      startKey: 'C#a',
      maxPages: 20,
    });
  });

  it.each([
    null,
    'everything',
    {},
    { ...request, sluiceReconcile: 2 },
    { ...request, scope: 'claims' },
    { ...request, startKey: 7 },
    { ...request, maxPages: 0 },
    { ...request, maxPages: 1.5 },
  ])('rejects an invalid request to reconcile: %j', (event) => {
    expect(parseReconcileRequest(event)).toBeUndefined();
  });
});
