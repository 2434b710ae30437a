/** Words for a value that was found where another one was expected. */
const MAX_QUOTED_CHARACTERS = 60;
const QUOTATION_MARKS = ['"', "'", '`'] as const;

export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `the text ${quote(withoutUrlSecrets(value))}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/**
 * Put a text into quotation marks that do not occur in it, so that only control characters have to be escaped. What is
 * longer than a line is cut.
 */
export function quote(text: string): string {
  const short = text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text;
  const mark = QUOTATION_MARKS.find((candidate) => !short.includes(candidate)) ?? QUOTATION_MARKS[0];
  return `${mark}${short.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, escapeCharacter)}${mark}`;
}

/** Leave out credentials and the query of a URL. */
function withoutUrlSecrets(text: string): string {
  return text.replace(/(?<=^|:\/\/)[^/\s:@]*:[^/\s]*@/, '…@').replace(/(?<=:\/\/[^?#]*[?#]).+/s, '…');
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
