/** Conditions on a type that no event of the sources of a route can have: they filter every event. */
import { typeComparisonsIn, type TypeComparison } from '../../expressions/type-comparisons.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { quote } from '../issues/describe-value.ts';
import { eventTypesOf, type EventTypes } from '../sources/event-types.ts';
import type { SourceConfiguration } from '../sources/model.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { expressionsOf } from './expression-rules.ts';
import type { RouteConfiguration } from './model.ts';

export function eventTypeRules(
  { name, part: route }: Named<Valid<RouteConfiguration>>,
  sources: readonly Named<Valid<SourceConfiguration>>[],
): readonly ConfigIssue[] {
  if (route?.from == null) return [];
  const { from } = route;
  const read = sources.filter((source) => from.includes(source.name));
  const known = read.flatMap(({ part }) => (part === null ? [] : (eventTypesOf(part) ?? [])));
  if (known.length === 0 || known.length < new Set(from).size) return [];
  const sourceNames = read.map((source) => source.name).join(', ');

  return expressionsOf(name, route).flatMap(({ at, text }) =>
    typeComparisonsIn(text)
      .filter((comparison) => !known.some((types) => isPossible(comparison, types)))
      .map((comparison): ConfigIssue => {
        const { type, offset } = comparison;
        const found = `the type ${quote(type)}, which no event of ${sourceNames} has`;
        const fix = fixFor(comparison, known);
        return { code: 'impossible-event-type', at, anchor: 'value', offset, found, fix };
      }),
  );
}

function isPossible({ kind, type }: TypeComparison, { byDefault, stated }: EventTypes): boolean {
  if (kind === 'prefix') {
    return [byDefault, ...stated.map(({ prefix }) => prefix)].some(
      (possible) => possible.startsWith(type) || (type.startsWith(possible) && possible !== byDefault),
    );
  }
  return type === byDefault || stated.some(({ prefix }) => type.startsWith(prefix) && type !== prefix);
}

function fixFor({ kind, type }: TypeComparison, known: readonly EventTypes[]): string {
  const places = known.flatMap(({ stated }) => stated);
  // A name that is spelled in the way of only one of the places is meant for that one.
  const place = places.find(({ spell }) => spell !== undefined && spell(type) !== type) ?? places[0];
  if (place === undefined) {
    const types = known.map(({ byDefault }) => quote(byDefault)).join(', ');
    return `their type is ${types}: compare what tells them apart, such as a field of event.data`;
  }
  const { prefix, spell = (text: string) => text } = place;
  return kind === 'prefix'
    ? `write ${quote(prefix)} and what follows`
    : `write ${quote(prefix + spell(type))}`;
}
