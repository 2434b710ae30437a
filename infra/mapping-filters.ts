/** The filters of an event source mapping, which Lambda takes as JSON texts. */
import type { EventSourceMappingOptions } from 'aws-cdk-lib/aws-lambda';
import type { CompiledFilterCriteria } from '../lib/compiled-config/compiled.ts';

export function mappingFilters(
  criteria: CompiledFilterCriteria,
): NonNullable<EventSourceMappingOptions['filters']> {
  return criteria.map((pattern) => ({ pattern: JSON.stringify(pattern) }));
}
