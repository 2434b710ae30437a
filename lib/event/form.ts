/** Forms (application/x-www-form-urlencoded, https://url.spec.whatwg.org/#urlencoded-parsing) as JSON objects. */
import { rejected, type Rejected } from './rejection.ts';

export type ParsedForm = { readonly kind: 'form'; readonly jsonText: string } | Rejected;

/**
 * An object of the fields in their order: a field that comes once is a string, one that comes several times a list.
 * Stricter than browsers: what is not percent-encoded UTF-8 is refused, not replaced.
 */
export function formToJson(text: string): ParsedForm {
  const fields = new Map<string, string[]>();
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    const equalsAt = piece.indexOf('=');
    const name = decoded(equalsAt === -1 ? piece : piece.slice(0, equalsAt));
    const value = decoded(equalsAt === -1 ? '' : piece.slice(equalsAt + 1));
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

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
