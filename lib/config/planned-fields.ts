/** Fields that are planned and not supported yet, which deserve a better message than "unknown field". */
import type { ProblemCode } from './issues/problem-codes.ts';

export interface PlannedField {
  readonly code: ProblemCode;
  readonly fix: string;
}

const PLANNED_FIELDS: ReadonlyMap<string, PlannedField> = new Map([
  [
    'onNoWorker',
    {
      code: 'on-no-worker-not-supported-yet',
      fix: 'remove it: this version does not support it yet; runs wait in Prefect until a worker is there',
    },
  ],
  [
    'emptyRun',
    {
      code: 'empty-run-not-supported-yet',
      fix: 'remove it: this version does not support it yet; a schedule in Prefect starts a run whether or not events came',
    },
  ],
]);

export function plannedField(field: string): PlannedField | null {
  return PLANNED_FIELDS.get(field) ?? null;
}
