/** The scalar of a pattern in the syntax that EventBridge and Lambda share: a map from fields to lists of what matches. */
import type { z } from 'zod';
import { isObject, type JsonObject } from '../../json/untrusted-json.ts';
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, scalar } from './scalar.ts';

/**
 * Of a rule (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html, `EventPattern`) and of a filter
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Filter.html) alike.
 */
const MAX_PATTERN_CHARACTERS = 4096;

/** `check` returns the first thing in the pattern that is not accepted, or null. */
export function eventPatternScalar(
  check: (pattern: JsonObject) => InvalidValue | null,
  title: string,
  example: JsonObject,
): z.ZodType<JsonObject, JsonObject> {
  return scalar<JsonObject, JsonObject>(
    (value) => {
      if (!isObject(value)) return new InvalidValue('wrong-type', describeValue(value), 'write a map');
      const invalid = check(value);
      if (invalid !== null) return invalid;
      const { length } = JSON.stringify(value);
      if (length <= MAX_PATTERN_CHARACTERS) return value;
      return new InvalidValue(
        'out-of-range',
        `a pattern of ${length} characters`,
        `write at most ${MAX_PATTERN_CHARACTERS}, and the rest as when of the route`,
      );
    },
    { title, type: 'object', examples: [example] },
  );
}
