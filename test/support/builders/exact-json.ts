/** JSON whose numbers keep their value, whatever their size, and a text of it by which values are compared. */

export class ExactNumber {
  /** As it stood in the JSON text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type ExactJson =
  null | boolean | string | ExactNumber | readonly ExactJson[] | { readonly [name: string]: ExactJson };

export function isNumber(json: ExactJson): json is ExactNumber {
  return json instanceof ExactNumber;
}

/** ECMAScript 2026: the reviver is told the source text of primitives. Node 24 has it, the types do not yet. */
type ParseWithSource = (
  text: string,
  reviver: (name: string, value: ExactJson, context: { readonly source?: string }) => ExactJson,
) => ExactJson;

export function parseExactJson(text: string): ExactJson {
  const parse = JSON.parse as ParseWithSource;
  return parse(text, (_name, value, { source }) =>
    typeof value === 'number' ? new ExactNumber(source ?? '') : value,
  );
}

/**
 * One text for one value: names sorted, and numbers written so that an integer and a float of the same value are
 * alike, since Postgres keeps `1e21` as an integer and `-0.0` as `0.0`.
 */
export function canonicalJson(json: ExactJson): string {
  if (isNumber(json)) return canonicalNumber(json.text);
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  if (isArray(json)) return `[${json.map(canonicalJson).join(',')}]`;
  const fields = Object.entries(json).map(([name, value]) => [JSON.stringify(name), canonicalJson(value)]);
  return `{${fields
    .map(([name = '', value = '']) => `${name}:${value}`)
    .sort()
    .join(',')}}`;
}

/** `Array.isArray` does not narrow to a read-only array. */
export function isArray(json: ExactJson): json is readonly ExactJson[] {
  return Array.isArray(json);
}

/** `<digits>e<exponent>` without trailing zeros. A float means the double nearest to it, an integer itself. */
function canonicalNumber(source: string): string {
  const decimal = /[.eE]/.test(source) ? String(Number(source)) : source;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(decimal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
