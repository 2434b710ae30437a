/** Text for people, made of text from elsewhere. */

/**
 * One line of at most `maxLength` UTF-16 units, without control characters and lone surrogates: Prefect on
 * Postgres always responds with 503 to a NUL or a lone surrogate in a name, a tag, a label or a message.
 */
export function printableText(text: string, maxLength: number): string {
  const oneLine = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  if (oneLine.length <= maxLength) return oneLine;
  // A cut through a surrogate pair leaves half of it behind, which goes too.
  return oneLine.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '') + '…';
}
