/** Hints for expressions that are written as in Python, SQL or YAML: the CEL to write instead. */
import type { ParseError, TypeError } from '@marcbachmann/cel-js';
import { EVENT_FIELDS } from './event-view.ts';

const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/.*/g;

/** Looked for in the expression without its strings, in this order. */
const SYNTAX_HINTS: readonly (readonly [RegExp, string])[] = [
  [/\bbetween\b/i, 'write x >= low && x <= high for `between`'],
  [/\blike\b/i, 'write x.startsWith("…"), x.contains("…") or x.matches("…") for `like`'],
  [/\bnot\s+in\b/, 'write !(x in y) for `x not in y`'],
  [/\band\b/i, 'write && for `and`'],
  [/\bor\b/i, 'write || for `or`'],
  [/\bnot\b/i, 'write ! for `not`'],
  [/\bis\b/, 'write == for `is`'],
  [/\bif\b.*\belse\b/, 'write condition ? one : other for `one if condition else other`'],
  [/<>/, 'write != for `<>`'],
  [/!==/, 'write != for `!==`'],
  [/===/, 'write == for `===`'],
  [/\$\{|\{\{/, 'write the expression alone, without braces'],
  [/\$[.[]/, 'write event for `$`'],
  [/[“”„‘’]/, 'write straight quotes, "…"'],
  [/\bin\s*\([^()]*,/, 'write a list in brackets: x in [1, 2]'],
  [/(?<![=!<>])=(?!=)/, 'write == to compare; expressions assign nothing'],
  [/(?<!&)&(?!&)/, 'write && for `&`'],
  [/(?<!\|)\|(?!\|)/, 'write || for `|`'],
  [/\b[fF]$|\b[fF](?=\s*\+)/, 'strings have no variables in them; join them with +'],
];

const NAME_HINTS: ReadonlyMap<string, string> = new Map([
  ['None', 'null'],
  ['nil', 'null'],
  ['NULL', 'null'],
  ['Null', 'null'],
  ['undefined', 'null'],
  ['True', 'true'],
  ['TRUE', 'true'],
  ['False', 'false'],
  ['FALSE', 'false'],
]);

const FUNCTION_HINTS: ReadonlyMap<string, string> = new Map([
  ['len', 'size(x)'],
  ['length', 'size(x)'],
  ['count', 'size(x)'],
  ['str', 'string(x)'],
  ['float', 'double(x)'],
  ['lower', 'x.lowerAscii()'],
  ['upper', 'x.upperAscii()'],
  ['toLowerCase', 'x.lowerAscii()'],
  ['toUpperCase', 'x.upperAscii()'],
  ['strip', 'x.trim()'],
  ['startswith', 'x.startsWith("…")'],
  ['endswith', 'x.endsWith("…")'],
  ['includes', 'x.contains("…")'],
  ['find', 'x.indexOf("…")'],
  ['get', 'x.?name.orValue("…")'],
  ['any', 'x.exists(e, …)'],
  ['now', 'event.time: expressions have no clock, since a redelivered event has to yield the same'],
]);

/** A name, a path or a date: probably meant as a literal string. */
const PLAIN_TEXT = /^(?!events?\b)[\p{L}\p{N}_][\p{L}\p{N}_ .:/@-]*$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const FUNCTION_CALL = /'(?:[\w<>, ]+\.)?(\w+?)_?\(/;

/** Return null where the library's own message says enough. */
export function hintFor(text: string, error: ParseError | TypeError): string | null {
  const name = /^Unknown variable: (\w+)/.exec(error.summary)?.[1];
  const nameHint = name === undefined ? undefined : NAME_HINTS.get(name);
  if (nameHint !== undefined) return `write ${nameHint}`;
  const called = FUNCTION_CALL.exec(error.summary)?.[1];
  const functionHint = called === undefined ? undefined : FUNCTION_HINTS.get(called);
  if (functionHint !== undefined) return `write ${functionHint}`;
  const code = text.replace(STRING_OR_COMMENT, '""');
  const isSyntax = error.code !== 'no_matching_overload' && error.code !== 'no_such_overload';
  const syntaxHint = isSyntax ? SYNTAX_HINTS.find(([pattern]) => pattern.test(code))?.[1] : undefined;
  if (syntaxHint !== undefined) return syntaxHint;
  if (isSyntax && PLAIN_TEXT.test(text.trim())) return quoteHint(text);
  const otherHint = hintForTypes(error.summary);
  if (otherHint !== null) return otherHint;
  if (name === undefined) return null;
  if (Object.hasOwn(EVENT_FIELDS, name)) return `write event.${name}`;
  return 'filters and keys see `event`; runs see `events` (a list, oldest first), and `event` or `window`';
}

function hintForTypes(summary: string): string | null {
  if (TEXT_BESIDE_TIME.test(summary))
    return 'write timestamp(x) around the text, as in timestamp(event.time)';
  if (summary.startsWith("Logical operator requires bool operands, got 'string'")) {
    return 'compare on both sides, x == "a" || x == "b", or write x in ["a", "b"]';
  }
  return null;
}

const TEXT_BESIDE_TIME = /\bstring [<>=!]+ \S*Timestamp|Timestamp [<>=!]+ string\b/;

/** Return why text is not what CEL makes of it, or null. */
export function misreadText(text: string): string | null {
  return DATE.test(text.trim()) ? `this subtracts three numbers; ${quoteHint(text)}` : null;
}

function quoteHint(text: string): string {
  return `to pass the text itself, quote it twice, for YAML and for CEL: "'${text.trim()}'"`;
}
