/** Parsers for the values of options, for the programs of the npm scripts. */
import { InvalidArgumentError } from 'commander';

export function parsePositiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('Use a number above 0.');
  return number;
}

export function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
}
