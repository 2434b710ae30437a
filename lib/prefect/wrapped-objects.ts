/**
 * Objects that Prefect or a flow's reader would interpret, as text that nothing interprets: each outermost object with
 * such a key becomes `{"$sluice":"json","value":"<its JSON text>"}`, wherever it is. `from_sluice` of docs/overflow.md
 * turns it back. The text of the object is kept as it is, so that numbers and the order of keys survive.
 */
import { mayHoldTemplateMarker, TEMPLATE_MARKERS } from '../event/template-marker.ts';

/** The member by which a flow recognizes what Sluice wrote. */
export const SLUICE_MARKER = '$sluice';

/** How a text begins that a flow takes for a reference or a wrapper. */
const MARKED_TEXT_START = `{"${SLUICE_MARKER}":`;

const WRAPPED_KEYS: ReadonlySet<string> = new Set([...TEMPLATE_MARKERS, SLUICE_MARKER]);

/** An escape of a character of `$sluice`. */
const ESCAPED_SLUICE_CHARACTER = /\\u00(?:24|63|65|69|6[cC]|7[35])/;

/** The JSON value with its marked objects wrapped, and the whole value when it is a text that a flow would interpret. */
export function wrapMarkedObjects(jsonText: string): string {
  if (!mayHoldMarker(jsonText)) return jsonText;
  const spans = markedObjects(jsonText, WRAPPED_KEYS);
  let wrapped = '';
  let at = 0;
  for (const { start, end } of spans) {
    wrapped += jsonText.slice(at, start) + wrapper(jsonText.slice(start, end));
    at = end;
  }
  return wrapMarkedText(wrapped + jsonText.slice(at));
}

/** The same for a value that is sent as one text. */
export function wrapText(text: string): string {
  return text.startsWith(MARKED_TEXT_START) ? wrapper(JSON.stringify(text)) : text;
}

/** Tell whether Prefect would interpret an object of the JSON value. */
export function hasTemplateMarker(jsonText: string): boolean {
  return mayHoldTemplateMarker(jsonText) && markedObjects(jsonText, new Set(TEMPLATE_MARKERS)).length > 0;
}

function mayHoldMarker(jsonText: string): boolean {
  return (
    jsonText.includes(SLUICE_MARKER) ||
    mayHoldTemplateMarker(jsonText) ||
    ESCAPED_SLUICE_CHARACTER.test(jsonText)
  );
}

function wrapper(jsonText: string): string {
  return `${MARKED_TEXT_START}"json","value":${JSON.stringify(jsonText)}}`;
}

/** A JSON string as the whole value. Within lists and objects a flow interprets no strings. */
function wrapMarkedText(jsonText: string): string {
  const trimmed = jsonText.trimStart();
  if (!trimmed.startsWith('"')) return jsonText;
  const text = String(JSON.parse(trimmed));
  return text.startsWith(MARKED_TEXT_START) ? JSON.stringify(wrapText(text)) : jsonText;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The outermost objects that have one of the keys, in their order. One pass over valid JSON, without recursion. */
function markedObjects(jsonText: string, keys: ReadonlySet<string>): readonly Span[] {
  const spans: Span[] = [];
  /** Where the arrays and objects begin that are open here, and whether they have one of the keys. */
  const open: { readonly start: number; isMarked: boolean }[] = [];
  for (let at = 0; at < jsonText.length; at += 1) {
    const character = jsonText[at];
    if (character === '"') {
      const end = endOfString(jsonText, at);
      const innermost = open.at(-1);
      if (innermost !== undefined && !innermost.isMarked && isKey(jsonText, end)) {
        innermost.isMarked = keys.has(stringAt(jsonText, at, end));
      }
      at = end - 1;
    } else if (character === '{' || character === '[') {
      open.push({ start: at, isMarked: false });
    } else if (character === '}' || character === ']') {
      const closed = open.pop();
      if (closed?.isMarked !== true) continue;
      // The spans within this one end before it, so they are the last ones.
      while ((spans.at(-1)?.start ?? -1) > closed.start) spans.pop();
      spans.push({ start: closed.start, end: at + 1 });
    }
  }
  return spans;
}

/** The position behind the closing quote of the string that starts here. */
function endOfString(jsonText: string, start: number): number {
  let at = start + 1;
  while (at < jsonText.length && jsonText[at] !== '"') at += jsonText[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Only a key is followed by a colon. */
function isKey(jsonText: string, end: number): boolean {
  let at = end;
  while (/[ \t\n\r]/.test(jsonText[at] ?? '')) at += 1;
  return jsonText[at] === ':';
}

function stringAt(jsonText: string, start: number, end: number): string {
  const raw = jsonText.slice(start, end);
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
}
