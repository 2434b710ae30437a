/**
 * Scalars of the configuration model: text in the file that is a number, a checked name or an expression inside. Each
 * reads its value once and returns it, or says what was found and how to fix it.
 */
import { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import type { ProblemCode } from '../issues/problem-codes.ts';

/** Why the value of a scalar is not accepted. */
export class InvalidValue {
  readonly code: ProblemCode;
  readonly found: string;
  readonly fix: string;
  /** UTF-16 units from the start of the text, where only a part of it is meant. */
  readonly offset: number | undefined;

  constructor(code: ProblemCode, found: string, fix: string, offset?: number) {
    this.code = code;
    this.found = found;
    this.fix = fix;
    this.offset = offset;
  }
}

/** The JSON Schema of a scalar, for editors and the reference. */
export interface ScalarSchema {
  readonly title: string;
  /** With two types, `pattern` applies to texts and the limits to numbers, as in JSON Schema. */
  readonly type: 'string' | 'integer' | 'object' | readonly ['string', 'integer'];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly examples?: readonly (string | number | object)[];
}

/** Make the model of a scalar. `read` also receives `undefined`, where a mandatory scalar is absent. */
export function scalar<Input, Output>(
  read: (value: unknown) => Output | InvalidValue,
  schema: ScalarSchema,
): z.ZodType<Output, Input> {
  return z
    .custom<Input>()
    .transform((value, context) => {
      const result = read(value);
      if (!(result instanceof InvalidValue)) return result;
      context.addIssue({ code: 'custom', params: { invalidValue: result } });
      return z.NEVER;
    })
    .meta({ ...schema });
}

/** Make the model of a text with a check of its own. */
export function textScalar(
  check: (text: string) => string | InvalidValue,
  schema: Omit<ScalarSchema, 'type'>,
  fixFor: (value: unknown) => string = textFix,
): z.ZodType<string, string> {
  return scalar<string, string>(
    (value) =>
      typeof value === 'string'
        ? check(value)
        : new InvalidValue('wrong-type', describeValue(value), fixFor(value)),
    { ...schema, type: 'string' },
  );
}

export function textFix(value: unknown): string {
  const isQuotable = typeof value === 'number' || typeof value === 'boolean';
  return isQuotable ? `write a text, in quotation marks: "${value}"` : 'write a text';
}

export function wholeNumber(limits: {
  readonly minimum: number;
  readonly maximum: number;
}): z.ZodType<number, number> {
  const { minimum, maximum } = limits;
  return scalar<number, number>(
    (value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        return new InvalidValue('wrong-type', describeValue(value), 'write a whole number');
      }
      if (value >= minimum && value <= maximum) return value;
      return new InvalidValue('out-of-range', describeValue(value), `write ${minimum} to ${maximum}`);
    },
    { title: 'Whole number', type: 'integer', minimum, maximum },
  );
}
