/**
 * Settings of Lambda's event source mappings that Sluice decides itself, which deserve a better message than "unknown
 * field".
 */
import type { ProblemCode } from '../issues/problem-codes.ts';

export interface UnsupportedMappingSetting {
  readonly code: ProblemCode;
  readonly fix: string;
}

const PARTIAL_FAILURES: UnsupportedMappingSetting = {
  code: 'partial-failures-are-automatic',
  fix: 'remove it; write provisioned: { minPollers: 1 } to have partial failures, which on-demand pollers do not accept',
};
const RETRY_LIMIT: UnsupportedMappingSetting = {
  code: 'retry-limits-unsupported',
  fix: 'remove it: an invalid event goes to the dead-letter queue at once, everything else is retried until it succeeds',
};
const DESTINATION: UnsupportedMappingSetting = {
  code: 'no-on-failure-destination',
  fix: 'remove it: the function sends each event that cannot become a flow run to a dead-letter queue, with the reason',
};

/** The settings by the names that CloudFormation, CDK and the AWS console use, in lower case. */
const SETTINGS: ReadonlyMap<string, UnsupportedMappingSetting> = new Map([
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

/** Return null for any other field. */
export function unsupportedMappingSetting(field: string): UnsupportedMappingSetting | null {
  return SETTINGS.get(field.toLowerCase().replaceAll(/[-_]/g, '')) ?? null;
}
