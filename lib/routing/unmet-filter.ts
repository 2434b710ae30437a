/** Why a route does not want an event: the part of its filter that is false, with what that part saw. */
import { isTombstone, type Event } from '../event/event.ts';
import { clausesOf, type Clause } from '../expressions/clauses.ts';
import { eventView } from '../expressions/event-view.ts';
import { fieldAt, type FieldPath } from '../expressions/field-paths.ts';
import type { Route } from './route.ts';

export interface UnmetFilter {
  readonly route: string;
  /** The first part that is false of those that `&&` joins. */
  readonly clause: string;
  /** Texts, numbers and the like of the fields that it names, cut; what is called like a secret is left out. */
  readonly saw: Readonly<Record<string, string | number | boolean | null>>;
  /** Fields that it names and the event does not have. */
  readonly absent: readonly string[];
}

const MAX_CLAUSE_LENGTH = 200;
const MAX_TEXT_LENGTH = 100;
const MAX_FIELDS = 8;
const MAX_ROUTES = 10;

/** For an outcome that nothing asks for the reason it costs nothing. */
export class NoRouteMatched {
  readonly kind = 'filtered';
  readonly reason = 'no-route-matched';
  readonly #event: Event;
  readonly #routes: readonly Route[];

  /** `routes` are those whose filter is not true of the event. */
  constructor(event: Event, routes: readonly Route[]) {
    this.#event = event;
    this.#routes = routes;
  }

  get unmet(): readonly UnmetFilter[] {
    return this.#routes.slice(0, MAX_ROUTES).flatMap((route) => unmetFilterOf(route, this.#event) ?? []);
  }
}

/** Null if the filter is met. */
export function unmetFilterOf(route: Route, event: Event): UnmetFilter | null {
  const { when } = route;
  const { name } = route.config;
  if (isTombstone(event) && when?.eventFields.has('tombstone') !== true) {
    return { route: name, clause: '!event.tombstone', saw: { 'event.tombstone': true }, absent: [] };
  }
  if (when === null) return null;
  const unmet = clausesOfRoute(route, when.text).find((clause) => clause.evaluate(event) === false);
  if (unmet === undefined) return null;
  return { route: name, clause: cut(shownText(unmet), MAX_CLAUSE_LENGTH), ...seenBy(unmet, event) };
}

const CLAUSES = new WeakMap<Route, readonly Clause[]>();

function clausesOfRoute(route: Route, when: string): readonly Clause[] {
  const known = CLAUSES.get(route);
  if (known !== undefined) return known;
  const clauses = clausesOf(when);
  CLAUSES.set(route, clauses);
  return clauses;
}

/** Names of fields whose values must not be in a log. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|^(?:pass|pin|cvv|cvc|ssn|auth)$|pwd|secret|token|jwt|bearer|credential|authorization|cookie|session|signature|api[-_]?key|private[-_]?key/i;

const TEXT_LITERAL = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/** What a secret is compared with is one, too. */
function shownText({ text, fields }: Clause): string {
  return fields.some(isSecret) ? text.replace(TEXT_LITERAL, '"…"') : text;
}

function isSecret({ steps }: FieldPath): boolean {
  return steps.some((step) => SECRET_NAME.test(String(step)));
}

function seenBy({ fields }: Clause, event: Event): Pick<UnmetFilter, 'saw' | 'absent'> {
  const view = eventView(event);
  const saw: [string, string | number | boolean | null][] = [];
  const absent: string[] = [];
  for (const field of fields.slice(0, MAX_FIELDS)) {
    const value = fieldAt(view, field);
    if (value === undefined) absent.push(field.text);
    else if (!isSecret(field)) {
      const scalar = scalarOf(value);
      if (scalar !== undefined) saw.push([field.text, scalar]);
    }
  }
  return { saw: Object.fromEntries(saw), absent };
}

/** Undefined for lists, maps and everything else that has parts. */
function scalarOf(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === 'string') return cut(value, MAX_TEXT_LENGTH);
  if (typeof value === 'bigint') return cut(String(value), MAX_TEXT_LENGTH);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  return undefined;
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}
