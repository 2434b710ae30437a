/** CEL expressions, parsed and type-checked where they stand; the text itself is what is deployed. */
import type { z } from 'zod';
import {
  parseFilter,
  parseKey,
  parseParameter,
  type ParsedExpression,
} from '../../expressions/expression.ts';
import { quote } from '../found-value.ts';
import { Refusal, textLeaf } from './leaf.ts';

export function filterExpression(): z.ZodType<string, string> {
  return expressionLeaf(parseFilter, 'CEL over event, yields a bool', ['event.type == "order.paid"']);
}

export function keyExpression(): z.ZodType<string, string> {
  return expressionLeaf(parseKey, 'CEL over event, yields a text, a number or a bool', [
    'event.data.orderId',
  ]);
}

export function parameterExpression(): z.ZodType<string, string> {
  return expressionLeaf(parseParameter, 'CEL over events', ['events.map(e, e.data)']);
}

function expressionLeaf<Subject, Value>(
  parse: (text: string) => ParsedExpression<Subject, Value>,
  title: string,
  examples: readonly string[],
): z.ZodType<string, string> {
  return textLeaf(
    (text) => {
      const parsed = parse(text);
      if (parsed.ok) return text;
      return new Refusal(
        'invalid-expression',
        `the expression ${quote(text)}`,
        `fix it at character ${parsed.offset + 1}: ${parsed.message}`,
        parsed.offset,
      );
    },
    { title, examples },
  );
}
