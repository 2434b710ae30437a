/**
 * As much of Lambda's filter patterns for the value of a Kafka record as shows what they can see: fields by name,
 * each with alternatives (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html).
 */
export type FilterPattern = Readonly<Record<string, readonly FilterRule[]>>;

export type FilterRule =
  | string
  | { readonly exists: boolean }
  | { readonly prefix: string }
  | { readonly 'anything-but': readonly string[] }
  /** Pairs of an operator and a number, all of which have to hold. */
  | { readonly numeric: readonly (string | number)[] };

export function passesFilter(pattern: FilterPattern, value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([field, rules]) =>
    rules.some((rule) => passesRule(rule, Object.hasOwn(value, field) ? value[field] : undefined)),
  );
}

function passesRule(rule: FilterRule, value: unknown): boolean {
  if (typeof rule === 'string') return value === rule;
  if ('exists' in rule) return (value !== undefined) === rule.exists;
  if ('numeric' in rule) return passesNumbers(rule.numeric, value);
  if (typeof value !== 'string') return false;
  return 'prefix' in rule ? value.startsWith(rule.prefix) : !rule['anything-but'].includes(value);
}

const OPERATORS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

function passesNumbers(pairs: readonly (string | number)[], value: unknown): boolean {
  if (typeof value !== 'number') return false;
  return pairs.every((operator, index) => {
    if (index % 2 === 1) return true;
    return OPERATORS[String(operator)]?.(value, Number(pairs[index + 1])) === true;
  });
}
