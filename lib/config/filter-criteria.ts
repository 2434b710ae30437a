/**
 * `sources.<name>.filterCriteria`: filters of Lambda's event source mapping, in the user's words. Lambda refuses some
 * mistakes when it is deployed and takes others for patterns that match nothing, with which it would discard every
 * event. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
import { z } from 'zod';
import { isObject, type JsonObject } from '../json/untrusted-json.ts';
import { describeValue, quote } from './issues/describe-value.ts';
import type { ConfigIssue } from './issues/config-issue.ts';
import { suggestOrList } from './issues/suggestion.ts';
import { eventPatternScalar } from './scalars/event-pattern-scalar.ts';
import { InvalidValue } from './scalars/scalar.ts';
import type { Named } from './valid-parts.ts';

export type FilterPattern = JsonObject;

/** The quota of Lambda, which AWS raises to 10 on request. */
const MAX_FILTERS = 5;

/** Fields of a record that a pattern can name: the one with the data first, which Lambda parses as JSON. */
const FIELDS = {
  sqs: ['body', 'messageId', 'attributes', 'messageAttributes', 'eventSourceARN', 'awsRegion'],
  kafka: ['value', 'topic', 'partition', 'offset', 'timestamp', 'timestampType'],
} as const;

const OR = '$or';

export function filterCriteriaModel(type: keyof typeof FIELDS, example: FilterPattern) {
  const fields = FIELDS[type];
  const pattern = eventPatternScalar(
    (value) => invalidMap(value, [], fields),
    'Filter pattern of Lambda',
    example,
  );
  return z
    .array(pattern)
    .min(1)
    .max(MAX_FILTERS)
    .optional()
    .describe(
      `Filters of Lambda, in its syntax; an event passes if one of them matches. **Lambda discards every other event without a trace**: no log line, no metric, no dead letter. Default: every event reaches the function, where \`when\` decides.`,
    );
}

/** `path` is where the map is in the pattern; empty for the pattern itself. */
function invalidMap(
  map: FilterPattern,
  path: readonly string[],
  fields: readonly string[],
): InvalidValue | null {
  if (Object.keys(map).length === 0) {
    return invalid(path, 'an empty map', 'name what has to match');
  }
  for (const [name, value] of Object.entries(map)) {
    const found =
      name === OR ? invalidOr(value, path, fields) : invalidField(name, value, [...path, name], fields);
    if (found !== null) return found;
  }
  return null;
}

function invalidOr(
  alternatives: unknown,
  path: readonly string[],
  fields: readonly string[],
): InvalidValue | null {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    return invalid([...path, OR], describeValue(alternatives), 'write a list of two or more maps');
  }
  return firstOf(alternatives, (map) => invalidMap(map, path, fields));
}

function invalidField(
  name: string,
  value: unknown,
  path: readonly string[],
  fields: readonly string[],
): InvalidValue | null {
  if (path.length === 1 && !fields.includes(name)) {
    const fix = suggestOrList(name, fields, 'Lambda sees');
    return new InvalidValue('invalid-filter-criteria', `the field ${quote(name)}`, fix);
  }
  if (isObject(value)) return invalidMap(value, path, fields);
  if (!Array.isArray(value)) {
    return invalid(path, describeValue(value), `write a list of what matches: ${name}: [ … ]`);
  }
  if (value.length === 0) return invalid(path, 'an empty list', 'name what has to match');
  return firstOf(value, (rule: unknown) => invalidRule(rule, path));
}

/** A text, a number, a truth value or null, or one comparison. */
function invalidRule(rule: unknown, path: readonly string[]): InvalidValue | null {
  if (Array.isArray(rule)) return invalid(path, 'a list in a list', 'write its elements one by one');
  if (!isObject(rule)) return null;
  const [name = '', ...more] = Object.keys(rule);
  const check = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  if (check === undefined) {
    const fix = suggestOrList(name, Object.keys(COMPARISONS), 'Lambda has');
    return invalid(path, `the comparison ${quote(name)}`, fix);
  }
  if (more.length > 0) {
    return invalid(path, `${name} beside ${more.join(', ')}`, 'write a map of its own for each comparison');
  }
  const operand = rule[name];
  return check.accepts(operand) ? null : invalid([...path, name], describeValue(operand), check.fix);
}

interface Comparison {
  readonly accepts: (operand: unknown) => boolean;
  readonly fix: string;
}

const TEXT: Comparison = {
  accepts: (operand) => typeof operand === 'string' && operand !== '',
  fix: 'write a text',
};

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  'prefix': TEXT,
  'suffix': TEXT,
  'equals-ignore-case': TEXT,
  'exists': { accepts: (operand) => typeof operand === 'boolean', fix: 'write true or false' },
  'anything-but': {
    accepts: (operand) => {
      const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
      return values.length > 0 && values.every(isTextOrNumber);
    },
    fix: 'write a list of texts or numbers',
  },
  'numeric': { accepts: isNumeric, fix: 'write [ ">", 10, "<=", 20 ], or [ "=", 10 ]' },
};

function isNumeric(operand: unknown): boolean {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) return false;
  return operand.every((item: unknown, index) =>
    index % 2 === 0
      ? typeof item === 'string' && ['=', '<', '<=', '>', '>='].includes(item)
      : typeof item === 'number' && Number.isFinite(item),
  );
}

function isTextOrNumber(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function firstOf<Item>(
  items: readonly Item[],
  check: (item: Item) => InvalidValue | null,
): InvalidValue | null {
  return items.reduce<InvalidValue | null>((found, item) => found ?? check(item), null);
}

function invalid(path: readonly string[], found: string, fix: string): InvalidValue {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new InvalidValue('invalid-filter-criteria', `${found}${where}`, fix);
}

interface FilteredSource {
  readonly format?: string | null;
  readonly filterCriteria?: readonly (FilterPattern | null)[] | null | undefined;
}

/** Formats whose data Lambda cannot read: its patterns would match no record at all. */
const UNREADABLE_FORMATS: readonly string[] = ['avro', 'protobuf', 'json-schema', 'binary'];

export function filterRules({ name, part: source }: Named<FilteredSource>): readonly ConfigIssue[] {
  const format = source?.format ?? null;
  const patterns = source?.filterCriteria ?? [];
  if (format === null || !UNREADABLE_FORMATS.includes(format)) return [];
  return patterns.flatMap((pattern, index): readonly ConfigIssue[] => {
    const field =
      pattern === null ? undefined : ['body', 'value'].find((each) => Object.hasOwn(pattern, each));
    if (field === undefined) return [];
    return [
      {
        code: 'filter-cannot-see-data',
        at: ['sources', name, 'filterCriteria', index],
        anchor: 'value',
        found: `a pattern for ${field} beside format: ${format}, which Lambda cannot read`,
        fix: 'remove it, and write when in the routes instead',
      },
    ];
  });
}
