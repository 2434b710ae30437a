/** Forms (application/x-www-form-urlencoded, https://url.spec.whatwg.org/#urlencoded-parsing) as JSON objects. */
import { rejected, type Rejected } from './rejection.ts';
import { decodeWindows1252, isWindows1252 } from './windows-1252.ts';

export type ParsedForm = { readonly kind: 'form'; readonly jsonText: string } | Rejected;

type DecodeText = (text: string) => string | undefined;

/** The field `_charset_` is HTML's, `charset` is that of PayPal's notifications. */
const CHARSET_FIELD = /(?:^|&)(?:_charset_|charset)=([^&]*)/g;
const PERCENT_ENCODED_BYTE = /%([0-9A-Fa-f]{2})/g;

/**
 * An object of the fields in their order: a field that comes once is a string, one that comes several times a list.
 * Stricter than browsers: what is not percent-encoded UTF-8 is refused, not replaced, unless a field of the form says
 * that it is in windows-1252.
 */
export function formToJson(text: string): ParsedForm {
  const form = parseForm(text, decodeUtf8);
  return form.kind === 'rejected' && namesWindows1252(text) ? windows1252FormToJson(text) : form;
}

/** As {@link formToJson}, if the content type says that the form is in windows-1252. */
export function windows1252FormToJson(text: string): ParsedForm {
  return parseForm(text, decodeWindows1252Text);
}

function parseForm(text: string, decode: DecodeText): ParsedForm {
  const fields = new Map<string, string[]>();
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    const equalsAt = piece.indexOf('=');
    const name = decode(equalsAt === -1 ? piece : piece.slice(0, equalsAt));
    const value = decode(equalsAt === -1 ? '' : piece.slice(equalsAt + 1));
    if (name === undefined || value === undefined) {
      return rejected('invalid-form', 'The form is not percent-encoded UTF-8. Encode a percent sign as %25.');
    }
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  const members = [...fields].map(([name, values]) => {
    const [first, ...more] = values;
    return `${JSON.stringify(name)}:${JSON.stringify(more.length === 0 ? first : values)}`;
  });
  return { kind: 'form', jsonText: `{${members.join(',')}}` };
}

function decodeUtf8(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Every byte is a character of windows-1252: only a percent sign that encodes no byte is wrong. */
function decodeWindows1252Text(text: string): string | undefined {
  const spaced = text.replaceAll('+', ' ');
  if (spaced.replaceAll(PERCENT_ENCODED_BYTE, '').includes('%')) return undefined;
  return spaced.replaceAll(PERCENT_ENCODED_BYTE, (_, hexadecimal: string) =>
    decodeWindows1252([Number.parseInt(hexadecimal, 16)]),
  );
}

function namesWindows1252(text: string): boolean {
  return [...text.matchAll(CHARSET_FIELD)].some(([, charset = '']) => isWindows1252(charset.toLowerCase()));
}
