/**
 * Patterns of EventBridge. PutRule refuses most mistakes; checked here are those that it accepts and that never match,
 * and values outside a list, which is the most frequent mistake.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 */
import { isObject, type JsonObject } from '../../json/untrusted-json.ts';
import { describeValue } from '../issues/describe-value.ts';
import { suggestOrList } from '../issues/suggestion.ts';
import { eventPatternScalar } from '../scalars/event-pattern-scalar.ts';
import { InvalidValue, scalar } from '../scalars/scalar.ts';

export type EventPattern = JsonObject;

/** The fields at the top of every event; only `detail` holds other values than texts. */
const FIELDS = [
  'source',
  'detail-type',
  'detail',
  'account',
  'region',
  'resources',
  'id',
  'time',
  'version',
  'replay-name',
];

const OR = '$or';

export const eventPattern = eventPatternScalar((value) => firstInvalid(value, []), 'Event pattern', {
  'source': ['com.example.shop'],
  'detail-type': ['Order Paid'],
});

/** Exact values of metadata that producers set with PutRawEvents. */
export const metadataPattern = scalar<EventPattern, EventPattern>(
  (value) => {
    if (!isObject(value)) return new InvalidValue('wrong-type', describeValue(value), 'write a map');
    const wrong = Object.entries(value).find(
      ([, values]) =>
        !Array.isArray(values) || values.length === 0 || !values.every((each) => typeof each === 'string'),
    );
    if (wrong !== undefined) return invalid([wrong[0]], describeValue(wrong[1]), 'write a list of texts');
    return Object.keys(value).length > 0 ? value : invalid([], 'an empty map', 'name a key of the metadata');
  },
  { title: 'Metadata pattern', type: 'object', examples: [{ tenant: ['acme'] }] },
);

/** Fields at the top of a pattern that no event of a classic bus has, and values that are not texts there. */
export function classicPatternProblem(pattern: EventPattern): InvalidValue | null {
  for (const [name, value] of Object.entries(pattern)) {
    const found =
      name === OR && Array.isArray(value)
        ? value
            .filter(isObject)
            .reduce<InvalidValue | null>((first, map) => first ?? classicPatternProblem(map), null)
        : classicFieldProblem(name, value);
    if (found !== null) return found;
  }
  return null;
}

function classicFieldProblem(name: string, value: unknown): InvalidValue | null {
  if (name === OR || name === 'detail') return null;
  if (!FIELDS.includes(name)) {
    const fix = suggestOrList(name, FIELDS, 'events have');
    return new InvalidValue('invalid-event-pattern', `the field ${name}, which no event has`, fix);
  }
  if (!Array.isArray(value)) {
    return invalid([name], describeValue(value), `write a list of the values that match: ${name}: [ … ]`);
  }
  // EventBridge compares without conversion: a number never equals the text in the event.
  const unequal: unknown = value.find((each) => !isObject(each) && typeof each !== 'string');
  if (unequal === undefined) return null;
  return invalid(
    [name],
    describeValue(unequal),
    `write it in quotation marks: ${name} is a text in every event`,
  );
}

/** `path` is where the map is in the pattern. */
function firstInvalid(map: EventPattern, path: readonly string[]): InvalidValue | null {
  if (Object.keys(map).length === 0) {
    return invalid(path, 'an empty map', 'name what has to match, for example source: [com.example.shop]');
  }
  for (const [name, value] of Object.entries(map)) {
    const found = name === OR ? invalidAlternative(value, path) : invalidField(name, value, [...path, name]);
    if (found !== null) return found;
  }
  return null;
}

function invalidAlternative(alternatives: unknown, path: readonly string[]): InvalidValue | null {
  const maps = Array.isArray(alternatives) ? alternatives.filter(isObject) : [];
  return maps.reduce<InvalidValue | null>((found, map) => found ?? firstInvalid(map, path), null);
}

function invalidField(name: string, value: unknown, path: readonly string[]): InvalidValue | null {
  if (isObject(value)) return firstInvalid(value, path);
  if (Array.isArray(value)) return null;
  return invalid(path, describeValue(value), `write a list of the values that match: ${name}: [ … ]`);
}

function invalid(path: readonly string[], found: string, fix: string): InvalidValue {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new InvalidValue('invalid-event-pattern', `${found}${where}`, fix);
}
