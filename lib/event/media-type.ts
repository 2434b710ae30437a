/** Media types (RFC 2045 section 5.1, RFC 9110 section 8.3.1): `application/json; charset=UTF-8`. */

export interface MediaType {
  /** As received, tabs as spaces. */
  readonly text: string;
  /** `type/subtype` in lower case, without parameters. */
  readonly essence: string;
  /** In lower case. */
  readonly charset: string | undefined;
}

const ESSENCE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const PARAMETER =
  / *; *(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[ !\x23-\x5b\x5d-\x7e]|\\[ -~])*"))?/y;

/** Return undefined if the text is not a media type. */
export function parseMediaType(text: string): MediaType | undefined {
  const trimmed = text.replaceAll('\t', ' ').trim();
  const essence = ESSENCE.exec(trimmed)?.[0];
  if (essence === undefined) return undefined;
  let charset: string | undefined;
  let at = essence.length;
  while (at < trimmed.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(trimmed);
    if (match === null) return undefined;
    if (match[1]?.toLowerCase() === 'charset') charset ??= unquoted(match[2] ?? '').toLowerCase();
    at += match[0].length;
  }
  return { text: trimmed, essence: essence.toLowerCase(), charset };
}

/** `…/json` and `…/…+json`, as CloudEvents' JSON format 1.0.2 section 3.1 says it. */
export function isJson(mediaType: MediaType): boolean {
  return mediaType.essence.endsWith('/json') || mediaType.essence.endsWith('+json');
}

/** Types whose data are text for people and programs alike; other data stay bytes. */
export function isText(mediaType: MediaType): boolean {
  const { essence } = mediaType;
  return essence.startsWith('text/') || essence.endsWith('/xml') || essence.endsWith('+xml');
}

export function isUtf8(mediaType: MediaType): boolean {
  return mediaType.charset === undefined || UTF8_NAMES.has(mediaType.charset);
}

const UTF8_NAMES: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}
