/** What the design has and this version has not: worth a better answer than "unknown". */
import type { ProblemCode } from './problem.ts';

const LATER_FIELDS: Readonly<Record<string, ProblemCode>> = {
  budget: 'budget-not-supported-yet',
  onNoWorker: 'on-no-worker-not-supported-yet',
};

/** What to do meanwhile. */
const MEANWHILE: Partial<Readonly<Record<ProblemCode, string>>> = {
  'budget-not-supported-yet': 'leave it out, and bound the load with queue.maxConcurrency',
  'on-no-worker-not-supported-yet': 'leave it out: runs wait in Prefect until a worker is there',
};

export interface Later {
  readonly code: ProblemCode;
  readonly fix: string;
}

export function laterField(field: string): Later | null {
  const code = Object.hasOwn(LATER_FIELDS, field) ? LATER_FIELDS[field] : undefined;
  if (code === undefined) return null;
  return { code, fix: `not supported yet by this version; ${MEANWHILE[code] ?? 'leave it out'}` };
}
