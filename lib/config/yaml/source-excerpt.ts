/** The line of a YAML file that a problem is about, for people. */
import { isAlias, isMap, isScalar, parseDocument, visit, type Node } from 'yaml';
import type { Position } from '../issues/problem.ts';
import { isSecretField } from '../issues/secret-fields.ts';

const MAX_COLUMNS = 100;
/** The part of a longer line that is shown before the position. */
const COLUMNS_BEFORE = 40;

/** Make a function that writes the line at a position with a caret below. Values that may be secrets are masked. */
export function makeSourceExcerpt(text: string): (position: Position) => string | null {
  const lines = maskSecrets(text).split(/\r?\n/);
  return ({ line, column }) => {
    const source = lines[line - 1] ?? '';
    if (source.trim() === '') return null;
    const start = column > MAX_COLUMNS - 20 ? column - 1 - COLUMNS_BEFORE : 0;
    const cut = start > 0 ? '…' : '';
    const before = cut + source.slice(start, column - 1);
    const after = source.slice(column - 1, start + MAX_COLUMNS);
    const number = `${line}`.padStart(5);
    const margin = ' '.repeat(number.length);
    return `${number} | ${before}${after}\n${margin} | ${before.replaceAll(/[^\t]/g, ' ')}^`;
  };
}

/** Replace each character of a value that may be a secret with an asterisk, so that positions stay the same. */
function maskSecrets(text: string): string {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  let masked = text;
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || !isSecretField(String(key.value))) return;
      for (const { range } of secretsIn(value)) {
        const [start, end] = range ?? [0, 0];
        masked = masked.slice(0, start) + asterisks(masked.slice(start, end)) + masked.slice(end);
      }
    },
  });
  // Values in text that is not YAML are not found by its structure.
  const withoutFields = masked.replaceAll(
    SECRET_LINE,
    (_, field: string, value: string) => field + asterisks(value),
  );
  return withoutFields.replaceAll(URL_SECRETS, asterisks);
}

const SECRET_LINE =
  /((?:auth|verify|secret|password|token|authorization|api[-_]?key)["']?[ \t]*[:=][ \t]*)(?!none\b|iam\b)([^\s,{}[\]#][^,}\]\r\n]*)/gi;

/** Credentials in a URL, and its query. */
const URL_SECRETS = /(?<=:\/\/)[^/\s"'@]*:[^/\s"']*(?=@)|(?<=:\/\/[^\s?#"',}]*\?)[^\s"',}]+/g;

function asterisks(text: string): string {
  return text.replaceAll(/\S/g, '*');
}

/** Return the value of the field, or the values below it, except of fields that hold no secrets. */
function secretsIn(value: unknown): readonly Node[] {
  if (isAlias(value)) return [value];
  if (isScalar(value)) return PUBLIC_VALUES.includes(String(value.value)) ? [] : [value];
  if (!isMap(value)) return [];
  return value.items.flatMap(({ key, value: inner }) =>
    isScalar(key) && PUBLIC_FIELDS.includes(String(key.value)) ? [] : secretsIn(inner),
  );
}

const PUBLIC_VALUES: readonly string[] = ['none', 'iam'];

const PUBLIC_FIELDS: readonly string[] = [
  'scheme',
  'header',
  'prefix',
  'algorithm',
  'encoding',
  'signed',
  'timestampHeader',
  'timestampUnit',
  'tolerance',
  'idHeader',
  'url',
  'issuer',
  'audience',
  'jwksUrl',
  'kmsKey',
];
