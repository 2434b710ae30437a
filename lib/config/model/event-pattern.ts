/**
 * Patterns of EventBridge, checked as far as a mistake would make a rule that never matches and never says so.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { describeFound } from '../found-value.ts';
import { suggestOrList } from '../suggestion.ts';
import { leaf, Refusal } from './leaf.ts';

export type EventPattern = Readonly<Record<string, unknown>>;

/** PutRule, `EventPattern`: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
const MAX_PATTERN_CHARACTERS = 4096;

/** All that an event has at its top; only `detail` holds other values than texts. */
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

const OPERATORS = [
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'numeric',
  'exists',
  'cidr',
];

const OR = '$or';

export const eventPattern = leaf<EventPattern, EventPattern>(
  (value) => {
    if (!isMap(value)) return new Refusal('wrong-type', describeFound(value), 'write a map');
    const refusal = refusalOfFields(value, []);
    if (refusal !== undefined) return refusal;
    const { length } = JSON.stringify(value);
    if (length <= MAX_PATTERN_CHARACTERS) return value;
    return new Refusal(
      'out-of-range',
      `a pattern of ${length} characters`,
      `write at most ${MAX_PATTERN_CHARACTERS}, and the rest as when of the route`,
    );
  },
  {
    title: 'Event pattern',
    type: 'object',
    examples: [{ 'source': ['com.example.shop'], 'detail-type': ['Order Paid'] }],
  },
);

/** `path` is where the map is in the pattern. */
function refusalOfFields(map: EventPattern, path: readonly string[]): Refusal | undefined {
  if (Object.keys(map).length === 0) {
    return refuse(path, 'an empty map', 'name what has to match, for example source: [com.example.shop]');
  }
  return firstRefusal(
    Object.entries(map).map(
      ([name, value]) =>
        () =>
          refusalOfField(name, value, [...path, name]),
    ),
  );
}

function refusalOfField(name: string, value: unknown, path: readonly string[]): Refusal | undefined {
  if (name === OR) return refusalOfAlternatives(value, path);
  const [top = ''] = path;
  if (path.length === 1 && !FIELDS.includes(name)) {
    const fix = suggestOrList(name, FIELDS, 'events have');
    return new Refusal('invalid-event-pattern', `the field ${name}, which no event has`, fix);
  }
  if (isMap(value)) {
    if (top === 'detail') return refusalOfFields(value, path);
    return refuse(path, 'a map', `write a list: ${name}: [ … ]`);
  }
  if (!Array.isArray(value)) {
    return refuse(path, describeFound(value), `write a list of the values that match: ${name}: [ … ]`);
  }
  if (value.length === 0) {
    return refuse(path, 'an empty list, which nothing matches', 'name at least one value');
  }
  return firstRefusal(value.map((choice: unknown) => () => refusalOfChoice(choice, top, path)));
}

function refusalOfAlternatives(value: unknown, path: readonly string[]): Refusal | undefined {
  if (!Array.isArray(value) || value.length < 2) {
    return refuse(path, describeFound(value), 'write a list of at least two maps');
  }
  return firstRefusal(
    value.map((alternative: unknown) => () => {
      if (!isMap(alternative)) return refuse(path, describeFound(alternative), 'write a list of maps');
      return refusalOfFields(alternative, path.slice(0, -1));
    }),
  );
}

function refusalOfChoice(choice: unknown, top: string, path: readonly string[]): Refusal | undefined {
  if (isMap(choice)) {
    const unknown = Object.keys(choice).find((operator) => !OPERATORS.includes(operator));
    if (unknown !== undefined) {
      return refuse(path, `the operator ${unknown}`, suggestOrList(unknown, OPERATORS, 'operators'));
    }
    if (Object.keys(choice).length === 1) return undefined;
    return refuse(path, 'a map with another number of operators than one', 'write one operator in each map');
  }
  if (Array.isArray(choice)) return refuse(path, 'a list in a list', 'write the values themselves');
  if (typeof choice === 'string' || top === 'detail') return undefined;
  return refuse(path, describeFound(choice), `write it in quotation marks: ${top} is a text in every event`);
}

function refuse(path: readonly string[], found: string, fix: string): Refusal {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new Refusal('invalid-event-pattern', `${found}${where}`, fix);
}

function firstRefusal(checks: readonly (() => Refusal | undefined)[]): Refusal | undefined {
  for (const check of checks) {
    const refusal = check();
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
