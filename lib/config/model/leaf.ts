/**
 * Leaves of the configuration model: what is text in the file and a number, a checked name or an expression
 * inside. Each reads its value once and either has it or says what was found and how to fix it.
 */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import type { ProblemCode } from '../problem.ts';

/** Why a leaf's value cannot be taken. */
export class Refusal {
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

/** What an editor and the reference show of a leaf. */
export interface LeafSchema {
  readonly title: string;
  /** Of two types, `pattern` is about texts and the limits about numbers, as in JSON Schema. */
  readonly type: 'string' | 'integer' | 'object' | readonly ['string', 'integer'];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly examples?: readonly (string | number | object)[];
}

/** The model of a leaf; `read` is also given `undefined` where a mandatory leaf is absent. */
export function leaf<Input, Output>(
  read: (value: unknown) => Output | Refusal,
  schema: LeafSchema,
): z.ZodType<Output, Input> {
  return z
    .custom<Input>()
    .transform((value, context) => {
      const result = read(value);
      if (!(result instanceof Refusal)) return result;
      context.addIssue({ code: 'custom', params: { refusal: result } });
      return z.NEVER;
    })
    .meta({ ...schema });
}

/** A text that passes a check of its own. */
export function textLeaf(
  check: (text: string) => string | Refusal,
  schema: Omit<LeafSchema, 'type'>,
): z.ZodType<string, string> {
  return leaf<string, string>(
    (value) =>
      typeof value === 'string'
        ? check(value)
        : new Refusal('wrong-type', describeFound(value), 'write a text'),
    { ...schema, type: 'string' },
  );
}

export function wholeNumber(limits: {
  readonly minimum: number;
  readonly maximum: number;
}): z.ZodType<number, number> {
  const { minimum, maximum } = limits;
  return leaf<number, number>(
    (value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        return new Refusal('wrong-type', describeFound(value), 'write a whole number');
      }
      if (value >= minimum && value <= maximum) return value;
      return new Refusal('out-of-range', describeFound(value), `write ${minimum} to ${maximum}`);
    },
    { title: 'Whole number', type: 'integer', minimum, maximum },
  );
}
