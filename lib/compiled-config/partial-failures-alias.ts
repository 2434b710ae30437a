/**
 * The name under which event source mappings invoke the function if they accept partial failures. The mapping states it
 * with its other settings, in one request, so that the function and its pollers never disagree: on-demand pollers take
 * every response for success, and a function that named failed records to them would lose these records.
 */
export const PARTIAL_FAILURES_ALIAS = 'partial-failures';

/** Whether a function was invoked under that name: `arn:aws:lambda:<region>:<account>:function:<name>:<alias>`. */
export function acceptsPartialFailures(invokedFunctionArn: string): boolean {
  return invokedFunctionArn.split(':')[7] === PARTIAL_FAILURES_ALIAS;
}
