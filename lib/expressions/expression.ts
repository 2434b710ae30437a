/**
 * CEL expressions of a route: parsed and type-checked once, evaluated per event or batch. An expression that fails is a
 * result, never an exception and never a silent false. No message quotes event data.
 */
import { type Environment, EvaluationError } from '@marcbachmann/cel-js';
import type { Event } from '../event/event.ts';
import type { RejectionCode } from '../event/record.ts';
import { eventEnvironment, runEnvironment } from './cel-environment.ts';
import { withPublicNames } from './cel-functions.ts';
import { parseProgram, type CelProgram } from './cel-program.ts';
import { eventView, eventViewWithSpellings } from './event-view.ts';
import { eventFieldsIn, readsWithinData } from './expression-rules.ts';
import { freeVariablesIn } from './free-variables.ts';
import { FunctionError } from './function-error.ts';
import { keepSpellings } from './selected-numbers.ts';
import { findUnsafeCharacter } from './unsafe-text.ts';
import { WindowView, type RunWindow } from './window-view.ts';

/** `message` says what failed and where in the expression; it holds nothing of the event. */
export type Evaluation<Value> = { readonly ok: true; readonly value: Value } | FailedEvaluation;

export interface FailedEvaluation {
  readonly ok: false;
  readonly code: RejectionCode;
  readonly message: string;
}

export interface Expression<Subject, Value> {
  readonly text: string;
  /** Fields of the event that the expression reads, whatever comes of it. */
  readonly eventFields: ReadonlySet<string>;
  /** `event`, `events`, `window`: those that the expression reads, each with the offset of the first time. */
  readonly variables: ReadonlyMap<string, number>;
  evaluate(subject: Subject): Evaluation<Value>;
}

/** `offset` counts UTF-16 units from the start of the expression. */
export type ParsedExpression<Subject, Value> =
  | { readonly ok: true; readonly expression: Expression<Subject, Value> }
  | { readonly ok: false; readonly message: string; readonly offset: number };

export type FilterExpression = Expression<Event, boolean>;
/** Yields a text that differs between values that CEL holds to differ: `s:5` for `"5"`, `n:5` for `5`. */
export type KeyExpression = Expression<Event, string>;
/** Over what a flow run is made of; the value is for `renderJson`. */
export type RunExpression = Expression<RunSubject, unknown>;

/** What the expressions of a flow run see. */
export interface RunSubject {
  /** Oldest first. `event` is the first of them, on routes whose runs have one. */
  readonly events: readonly Event[];
  /** Null on routes without windows. */
  readonly window: RunWindow | null;
}

interface Kind<Subject, Value> {
  readonly environment: Environment;
  readonly context: (subject: Subject, program: PreparedProgram) => Readonly<Record<string, unknown>>;
  /** Null: any type. */
  readonly resultTypes: ReadonlySet<string> | null;
  readonly resultRule: string;
  readonly read: (value: unknown) => Evaluation<Value>;
  readonly prepare: (program: CelProgram) => PreparedProgram;
}

interface PreparedProgram extends CelProgram {
  /** True if the value may be a number of the data, or hold some. */
  readonly yieldsNumbers: boolean;
}

const FILTER: Kind<Event, boolean> = {
  environment: eventEnvironment,
  context: (event) => ({ event: eventView(event) }),
  resultTypes: new Set(['bool']),
  resultRule: 'a filter must yield a bool',
  read: (value) =>
    typeof value === 'boolean'
      ? { ok: true, value }
      : failed(`a filter must yield a bool, this one yielded ${celTypeName(value)}`),
  prepare: (program) => ({ ...program, yieldsNumbers: false }),
};

const KEY: Kind<Event, string> = {
  environment: eventEnvironment,
  context: (event) => ({ event: eventView(event) }),
  resultTypes: new Set(['string', 'int', 'double', 'bool']),
  resultRule: 'a key must yield a string, a number or a bool',
  read: keyText,
  prepare: (program) => ({ ...program, yieldsNumbers: false }),
};

const RUN: Kind<RunSubject, unknown> = {
  environment: runEnvironment,
  context({ events, window }, { yieldsNumbers }) {
    const views = events.map(yieldsNumbers ? eventViewWithSpellings : eventView);
    // A variable without a value cannot be read: the configuration was checked for that.
    return {
      events: views,
      ...(views.length > 0 && { event: views[0] }),
      ...(window !== null && { window: new WindowView(window) }),
    };
  },
  resultTypes: null,
  resultRule: '',
  read: (value) => ({ ok: true, value }),
  prepare(program) {
    keepSpellings(program.ast);
    return { ...program, yieldsNumbers: readsWithinData(program.ast) };
  },
};

/** A condition over `event`. */
export function parseFilter(text: string): ParsedExpression<Event, boolean> {
  return parse(text, FILTER);
}

/** A dedupe or coalescing key over `event`. */
export function parseKey(text: string): ParsedExpression<Event, string> {
  return parse(text, KEY);
}

/** What a flow run is given, over its `events`, its `event` or its `window`. */
export function parseRunExpression(text: string): ParsedExpression<RunSubject, unknown> {
  return parse(text, RUN);
}

function parse<Subject, Value>(text: string, kind: Kind<Subject, Value>): ParsedExpression<Subject, Value> {
  const parsed = parseProgram(kind.environment, text);
  if (parsed.kind === 'refused') return { ok: false, message: parsed.message, offset: parsed.offset };
  const { type } = parsed.program;
  if (kind.resultTypes !== null && !kind.resultTypes.has(type) && !type.startsWith('dyn')) {
    return { ok: false, message: `${kind.resultRule}, this one yields ${type}`, offset: 0 };
  }
  const program = kind.prepare(parsed.program);
  const expression: Expression<Subject, Value> = {
    text,
    eventFields: eventFieldsIn(program.ast),
    variables: freeVariablesIn(program.ast),
    evaluate(subject) {
      let value: unknown;
      try {
        value = program.run(kind.context(subject, program));
      } catch (error) {
        return failureOf(error);
      }
      return kind.read(value);
    },
  };
  return { ok: true, expression };
}

function failed(message: string, code: RejectionCode = 'expression-failed'): FailedEvaluation {
  return { ok: false, code, message };
}

/** Summaries of cel-js that name types and functions only; the others may quote a value. */
const QUOTES_NO_DATA: ReadonlySet<string> = new Set([
  'no_such_overload',
  'no_matching_overload',
  'invalid_condition_type',
  'invalid_logical_operand',
  'invalid_comprehension_range',
  'optional_value_missing',
  'division_by_zero',
  'modulo_by_zero',
  'function_failed',
]);

function failureOf(error: unknown): FailedEvaluation {
  if (!(error instanceof EvaluationError)) {
    return failed('the expression could not be evaluated on this event');
  }
  const where = error.range === undefined ? '' : ` (at character ${error.range.start + 1})`;
  const code = error instanceof FunctionError ? error.rejectionCode : 'expression-failed';
  return failed(`${withPublicNames(failureReason(error))}${where}`, code);
}

function failureReason(error: EvaluationError): string {
  if (QUOTES_NO_DATA.has(error.code)) return error.summary;
  const { node } = error;
  if (error.code === 'no_such_key') {
    // After a dot stands a name of the expression's own; between brackets may stand event data.
    const name = node?.op === '.' ? ` '${node.args[1]}'` : '';
    return `the event has no such field${name}; has(…) asks first, .?name.orValue(…) gives a default`;
  }
  return `evaluation failed: ${error.code.replaceAll('_', ' ')}`;
}

function keyText(value: unknown): Evaluation<string> {
  if (typeof value === 'string') {
    // A hash would make one key of all lone surrogates: different events would be duplicates.
    const unsafe = findUnsafeCharacter(value);
    if (unsafe !== null) return failed(`the key is ${unsafe.description}`, unsafe.code);
    return { ok: true, value: `s:${value}` };
  }
  if (typeof value === 'boolean') return { ok: true, value: `b:${value}` };
  if (typeof value === 'bigint') return { ok: true, value: `n:${value}` };
  if (typeof value !== 'number') {
    return failed(`a key must yield a string, a number or a bool, this one yielded ${celTypeName(value)}`);
  }
  // CEL holds 5 and 5.0 to be equal, so they are one key.
  if (Number.isInteger(value)) return { ok: true, value: `n:${BigInt(value)}` };
  return Number.isFinite(value)
    ? { ok: true, value: `n:${value}` }
    : failed('a key must not be NaN or infinite');
}

function celTypeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'number') return 'a double';
  if (typeof value === 'bigint') return 'an int';
  if (typeof value === 'boolean') return 'a bool';
  return Array.isArray(value) ? 'a list' : 'a map or another composite value';
}
