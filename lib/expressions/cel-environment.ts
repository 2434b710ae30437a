/**
 * The environments of CEL expressions: `event` in filters and keys; `events` (oldest first), `event` and `window` in what
 * a flow run is given. Which of the three a route has depends on its coalescing, and is checked with the configuration.
 */
import { Environment } from '@marcbachmann/cel-js';
import { registerFunctions } from './cel-functions.ts';
import { EVENT_FIELDS, EventView, ORIGIN_FIELDS, OriginView } from './event-view.ts';
import { FunctionError } from './function-error.ts';
import { WINDOW_FIELDS, WindowView } from './window-view.ts';

const MIXED_ARITHMETIC = {
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  '/': (left: number, right: number) => left / right,
  '%': (left: number, right: number) => left % right,
} as const;

/** All but the variables. */
export const celEnvironment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
})
  .registerType('Origin', { ctor: OriginView, fields: ORIGIN_FIELDS })
  .registerType('Event', { ctor: EventView, fields: EVENT_FIELDS });

registerFunctions(celEnvironment);
celEnvironment.registerType('Window', { ctor: WindowView, fields: WINDOW_FIELDS });

// JSON has one kind of number, CEL has two and knows no `double + int`. The numbers of an event are doubles
// (integers beyond 2^53 are ints), whole numbers in an expression are ints: `event.data.total + 1` has to work.
for (const [operator, compute] of Object.entries(MIXED_ARITHMETIC)) {
  celEnvironment.registerOperator(`double ${operator} int: double`, (left: number, right: bigint) =>
    compute(left, exactDouble(right)),
  );
  celEnvironment.registerOperator(`int ${operator} double: double`, (left: bigint, right: number) =>
    compute(exactDouble(left), right),
  );
}
celEnvironment.registerOperator('double % double: double', MIXED_ARITHMETIC['%']);

export const eventEnvironment = celEnvironment.clone().registerVariable('event', 'Event');
export const runEnvironment = celEnvironment
  .clone()
  .registerVariable('events', 'list<Event>')
  .registerVariable('event', 'Event')
  .registerVariable('window', 'Window');

/** An integer that a double cannot hold met a double: the result would be silently wrong. */
function exactDouble(integer: bigint): number {
  const double = Number(integer);
  if (BigInt(double) === integer) return double;
  throw new FunctionError(
    'an integer that a double cannot hold met a double; convert one side with int(…) or double(…)',
  );
}
