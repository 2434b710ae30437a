/** Values in a header: `sha256=<hex>`, `t=1,v1=<hex>,v1=<hex>`, `v1,<base64> v1,<base64>`. */

export interface HeaderField {
  /** In lower case; the first one that the request has is read. */
  readonly names: readonly [string, ...string[]];
  /** Items without it belong to something else, as `v0=` and `t=` beside `v1=`. */
  readonly prefix?: string;
  /**
   * Between several items. Without one the header is one value; a header that was sent twice arrives joined by a
   * comma and is none then.
   */
  readonly separator?: ',' | ' ';
}

/** Null when the request has no such header, or an empty one. */
export function headerText(headers: ReadonlyMap<string, string>, { names }: HeaderField): string | null {
  for (const name of names) {
    const text = headers.get(name)?.trim();
    if (text !== undefined && text !== '') return text;
  }
  return null;
}

/** The values of the items that have the prefix, without it. */
export function headerValues(text: string, { prefix = '', separator }: HeaderField): readonly string[] {
  const items = separator === undefined ? [text] : text.split(separator).map((item) => item.trim());
  return items.filter((item) => item.startsWith(prefix)).map((item) => item.slice(prefix.length));
}

/** The one value; null when there is none, or more than one and so no telling which is meant. */
export function singleHeaderValue(headers: ReadonlyMap<string, string>, field: HeaderField): string | null {
  const text = headerText(headers, field);
  const [value, ...more] = text === null ? [] : headerValues(text, field);
  return value === undefined || value === '' || more.length > 0 ? null : value;
}
