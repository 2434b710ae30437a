import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';
import { exampleText } from '../../../../scripts/configuration/problem-examples.ts';

function load(table: string) {
  return loadConfigText(exampleText({ table }), 'sluice.yaml');
}

function tableOf(table: string): unknown {
  const loaded = load(table);
  return loaded.ok ? loaded.config.table : allProblems(loaded);
}

describe('the table', () => {
  it('is created on demand with backups by default', () => {
    expect(tableOf('{}')).toEqual({ kind: 'own', pointInTimeRecovery: true });
  });

  it('has provisioned capacity that scales between limits', () => {
    expect(tableOf('{ provisioned: { minWriteUnits: 400, maxWriteUnits: 2000 } }')).toEqual({
      kind: 'own',
      pointInTimeRecovery: true,
      provisioned: {
        minWriteUnits: 400,
        maxWriteUnits: 2000,
        minReadUnits: 5,
        maxReadUnits: 1000,
        targetUtilization: 0.7,
      },
    });
  });

  it('is warm for a large topic that is read from its beginning', () => {
    expect(tableOf('{ warmThroughput: { writeUnits: 12000 } }')).toMatchObject({
      warmThroughput: { writeUnits: 12_000, readUnits: 12_000 },
    });
    expect(allProblems(load('{ warmThroughput: { writeUnits: 100 } }'))).toMatchObject([
      { code: 'out-of-range', fix: 'write 4000 to 40000' },
    ]);
  });

  it('that exists is named, and nothing else can be set about it', () => {
    expect(tableOf('{ existing: Sluice-Claims-1 }')).toEqual({ kind: 'existing', name: 'Sluice-Claims-1' });
    const provisioned = '{ minWriteUnits: 4, maxWriteUnits: 8 }';
    const problems = allProblems(
      load(
        `{ existing: Sluice-Claims-1, provisioned: ${provisioned}, warmThroughput: {}, pointInTimeRecovery: false }`,
      ),
    );
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'existing-table-setting table.provisioned',
      'existing-table-setting table.warmThroughput',
      'existing-table-setting table.pointInTimeRecovery',
    ]);
  });

  it('refuses a minimum above the maximum, of writes and of reads', () => {
    const table = '{ provisioned: { minWriteUnits: 9, maxWriteUnits: 8, minReadUnits: 7, maxReadUnits: 6 } }';
    expect(allProblems(load(table)).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'capacity-range table.provisioned.minWriteUnits',
      'capacity-range table.provisioned.minReadUnits',
    ]);
  });
});
