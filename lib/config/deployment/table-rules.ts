/** Combinations of `table` that DynamoDB or CloudFormation would refuse, or that would have no effect. */
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Valid } from '../valid-parts.ts';
import type { TableConfiguration } from './table-model.ts';

export function tableRules(table: Valid<TableConfiguration>): readonly ConfigIssue[] {
  const { provisioned } = table;
  if (provisioned === null || provisioned === undefined) return existingTableRules(table);
  return [
    ...rangeRule('WriteUnits', provisioned.minWriteUnits, provisioned.maxWriteUnits),
    ...rangeRule('ReadUnits', provisioned.minReadUnits, provisioned.maxReadUnits),
    ...existingTableRules(table),
  ];
}

function rangeRule(
  unit: 'WriteUnits' | 'ReadUnits',
  minimum: number | null,
  maximum: number | null,
): readonly ConfigIssue[] {
  if (minimum === null || maximum === null || minimum <= maximum) return [];
  return [
    {
      code: 'capacity-range',
      at: ['table', 'provisioned', `min${unit}`],
      anchor: 'value',
      found: `${minimum}, more than max${unit}: ${maximum}`,
      fix: `write a number that is not above max${unit}, or raise that`,
    },
  ];
}

/** The stack does not own an existing table, so that it cannot set anything about it. */
function existingTableRules(table: Valid<TableConfiguration>): readonly ConfigIssue[] {
  if (typeof table.existing !== 'string') return [];
  const ineffective = [
    ...(['provisioned', 'warmThroughput'] as const).filter((field) => isWritten(table[field])),
    ...(table.pointInTimeRecovery === false ? (['pointInTimeRecovery'] as const) : []),
  ];
  return ineffective.map((field): ConfigIssue => ({
    code: 'existing-table-setting',
    at: ['table', field],
    anchor: 'key',
    found: `${field} beside an existing table`,
    fix: `remove it, and set it on table ${String(table.existing)} itself`,
  }));
}

function isWritten(value: unknown): boolean {
  return value !== undefined && value !== null;
}
