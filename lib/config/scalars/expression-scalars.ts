/** CEL expressions: parsed and type-checked here, and deployed as they are written. */
import type { z } from 'zod';
import {
  parseFilter,
  parseKey,
  parseRunExpression,
  type ParsedExpression,
} from '../../expressions/expression.ts';
import { quote } from '../issues/describe-value.ts';
import { InvalidValue, textFix, textScalar } from './scalar.ts';

export function filterExpression(): z.ZodType<string, string> {
  return expressionScalar(
    parseFilter,
    'CEL over event that returns a bool',
    ['event.type == "order.paid"'],
    (value) => textFix(value) + (value === true ? '; a `when` for all events can be left out' : ''),
  );
}

export function keyExpression(): z.ZodType<string, string> {
  return expressionScalar(parseKey, 'CEL over event that returns a text, a number or a bool', [
    'event.data.orderId',
  ]);
}

/** Over `events`, and over `event` or `window` where the coalescing has them, which a rule checks. */
export function runExpression(): z.ZodType<string, string> {
  return expressionScalar(parseRunExpression, 'CEL over events', ['events.map(e, e.data)']);
}

function expressionScalar<Subject, Value>(
  parse: (text: string) => ParsedExpression<Subject, Value>,
  title: string,
  examples: readonly string[],
  fixFor?: (value: unknown) => string,
): z.ZodType<string, string> {
  return textScalar(
    (text) => {
      const parsed = parse(text);
      if (parsed.ok) return text;
      return new InvalidValue(
        'invalid-expression',
        `the expression ${quote(text)}`,
        `fix it at character ${parsed.offset + 1}: ${parsed.message}`,
        parsed.offset,
      );
    },
    { title, examples },
    fixFor,
  );
}
