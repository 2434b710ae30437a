/** A function of an expression failed on the values that it was given. */
import { EvaluationError } from '@marcbachmann/cel-js';
import type { RejectionCode } from '../event/record.ts';

export class FunctionError extends EvaluationError {
  /** The code with which the event is dead-lettered. */
  readonly rejectionCode: RejectionCode;

  /** `message` names types and functions only; it never quotes a value, which may be event data. */
  constructor(message: string, rejectionCode: RejectionCode = 'expression-failed') {
    super({ code: 'function_failed', message });
    this.rejectionCode = rejectionCode;
  }
}
