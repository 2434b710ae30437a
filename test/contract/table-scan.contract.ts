import { describe, expect, it } from 'vitest';
import type { Claim, StoredFlowRunRecord } from '../../lib/ports.ts';
import type { TablePage, TableScan } from '../../lib/reconcile/reconcile-ports.ts';
import { sampleClaims, sampleMembers, sampleRecord } from '../support/builders/sample-claims.ts';

export interface TableScanUnderTest {
  readonly scan: TableScan;
  readonly write: (claims: readonly Claim[], records: readonly StoredFlowRunRecord[]) => Promise<void>;
}

/** What every TableScan promises. `makeScan` gives a table that holds neither claims nor records. */
export function defineTableScanContract(name: string, makeScan: () => Promise<TableScanUnderTest>): void {
  describe(`${name} as a table scan`, () => {
    it('reads an empty table as one page without a next key', async () => {
      const { scan } = await makeScan();
      expect(await readAll(scan)).toEqual([{ claims: [], records: [], nextKey: null }]);
    });

    it('reads every claim and every record of a run once, whatever the pages are', async () => {
      const { scan, write } = await makeScan();
      const claims = sampleClaims(30);
      const live = sampleRecord('live');
      const dead = sampleRecord('dead', { deadCode: 'refused-by-prefect', members: sampleMembers(1) });
      await write(claims, [live, dead]);

      const pages = await readAll(scan);

      expect(sorted(pages.flatMap((page) => page.claims.map((claim) => JSON.stringify(claim))))).toEqual(
        sorted(claims.map((claim) => JSON.stringify(claim))),
      );
      const records = pages.flatMap((page) => page.records);
      expect(sorted(records.map(({ batchId }) => batchId))).toEqual(sorted([live.batchId, dead.batchId]));
      for (const { batchId, flowRunId, members, deadCode } of [live, dead]) {
        const found = records.find((record) => record.batchId === batchId);
        expect(found).toMatchObject({ kind: 'flow-run', batchId, flowRunId, members, deadCode });
      }
    });
  });
}

export async function readAll(scan: TableScan): Promise<readonly TablePage[]> {
  const pages: TablePage[] = [];
  for (let startKey: string | null = null; ;) {
    const page: TablePage = await scan.readPage(startKey);
    pages.push(page);
    if (page.nextKey === null) return pages;
    startKey = page.nextKey;
  }
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted();
}
