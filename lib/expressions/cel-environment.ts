/** What CEL expressions may use: `event` in filters and keys, `events` (oldest first) in parameters. */
import { Environment } from '@marcbachmann/cel-js';
import { EVENT_FIELDS, EventView, ORIGIN_FIELDS, OriginView } from './event-view.ts';

const MIXED_ARITHMETIC = {
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  '/': (left: number, right: number) => left / right,
  '%': (left: number, right: number) => left % right,
} as const;

/** An integer that a double cannot hold met a double: the sum would be silently wrong. */
export class InexactIntegerError extends Error {
  override readonly name = 'InexactIntegerError';
}

const common = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
})
  .registerType('Origin', { ctor: OriginView, fields: ORIGIN_FIELDS })
  .registerType('Event', { ctor: EventView, fields: EVENT_FIELDS });

// JSON has one kind of number, CEL has two and knows no `double + int`. The numbers of an event are doubles
// (integers beyond 2^53 are ints), whole numbers in an expression are ints: `event.data.total + 1` has to work.
for (const [operator, compute] of Object.entries(MIXED_ARITHMETIC)) {
  common.registerOperator(`double ${operator} int: double`, (left: number, right: bigint) =>
    compute(left, exactDouble(right)),
  );
  common.registerOperator(`int ${operator} double: double`, (left: bigint, right: number) =>
    compute(exactDouble(left), right),
  );
}
common.registerOperator('double % double: double', MIXED_ARITHMETIC['%']);

export const eventEnvironment = common.clone().registerVariable('event', 'Event');
export const eventsEnvironment = common.clone().registerVariable('events', 'list<Event>');

function exactDouble(integer: bigint): number {
  const double = Number(integer);
  if (BigInt(double) === integer) return double;
  throw new InexactIntegerError();
}
