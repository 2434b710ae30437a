/** Settings of Lambda's event source mappings that Sluice makes itself or leaves out: worth more than "unknown". */
import type { ProblemCode } from './problem.ts';

export interface MappingSetting {
  readonly code: ProblemCode;
  readonly fix: string;
}

const PARTIAL_FAILURES: MappingSetting = {
  code: 'partial-failures-are-automatic',
  fix: 'remove it; write provisioned: { minPollers: 1 } to have partial failures, which on-demand pollers cannot take',
};
const RETRY_LIMIT: MappingSetting = {
  code: 'retry-limits-unsupported',
  fix: 'remove it: what is wrong with an event itself goes to the dead-letter queue at once, all else is tried again',
};
const DESTINATION: MappingSetting = {
  code: 'no-on-failure-destination',
  fix: 'remove it: the function sends each event that cannot become a flow run to a dead-letter queue, with the reason',
};

/** By the names that CloudFormation, CDK and the AWS console use, in lower case. */
const SETTINGS: ReadonlyMap<string, MappingSetting> = new Map([
  ['functionresponsetypes', PARTIAL_FAILURES],
  ['reportbatchitemfailures', PARTIAL_FAILURES],
  ['bisectbatchonerror', RETRY_LIMIT],
  ['bisectbatchonfunctionerror', RETRY_LIMIT],
  ['maximumrecordageinseconds', RETRY_LIMIT],
  ['maximumretryattempts', RETRY_LIMIT],
  ['maxrecordage', RETRY_LIMIT],
  ['maxretries', RETRY_LIMIT],
  ['retryattempts', RETRY_LIMIT],
  ['destinationconfig', DESTINATION],
  ['onfailure', DESTINATION],
]);

/** Null for a field that is none of them. */
export function mappingSetting(field: string): MappingSetting | null {
  return SETTINGS.get(field.toLowerCase().replaceAll(/[-_]/g, '')) ?? null;
}
