/** Headers that an expression reads and none of the sources of its route passes on. */
import { headerNamesIn } from '../../expressions/header-names.ts';
import { eventTypesOf } from '../sources/event-types.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { quote } from '../issues/describe-value.ts';
import type { SourceConfiguration } from '../sources/model.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { expressionsOf } from './expression-rules.ts';
import type { RouteConfiguration } from './model.ts';

/** Kafka, SQS and EventBridge pass on every header that there is, so that nothing is known of their names. */
export function headerRules(
  { name, part: route }: Named<Valid<RouteConfiguration>>,
  sources: readonly Named<Valid<SourceConfiguration>>[],
): readonly ConfigIssue[] {
  if (route?.from == null) return [];
  const { from } = route;
  const read = sources.filter((source) => from.includes(source.name));
  const lists = read.map(({ part }) => (part?.type === 'http' ? part.headers : null));
  if (lists.length < new Set(from).size || lists.includes(null)) return [];
  const listed = new Set(lists.flatMap((headers) => headers ?? []));
  const types = read.flatMap(({ part }) => (part === null ? [] : (eventTypesOf(part)?.stated ?? [])));
  const sourceNames = read.map((source) => source.name).join(', ');

  return expressionsOf(name, route).flatMap(({ at, text }) =>
    headerNamesIn(text)
      .filter((header) => !listed.has(header.name))
      .map((header): ConfigIssue => {
        const lowerCase = header.name.toLowerCase();
        const addition = `add it to the source: headers: [${lowerCase}]`;
        const type = types.find((place) => 'header' in place && place.header === lowerCase);
        const fix =
          type !== undefined
            ? `compare event.type, which is ${quote(`${type.prefix}<${lowerCase}>`)}, or ${addition}`
            : lowerCase === header.name
              ? addition
              : `write ${quote(lowerCase)}: names are in lower case`;
        const found = `the header ${quote(header.name)}, which ${sourceNames} does not pass on`;
        return { code: 'header-not-listed', at, anchor: 'value', offset: header.offset, found, fix };
      }),
  );
}
