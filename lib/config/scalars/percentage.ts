/** Percentages: `1%`, `0.1%`. A bare number is refused, since 1 could be a hundredth or all of it. */
import type { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, scalar } from './scalar.ts';

export type PercentageText = `${number}%`;

const PERCENTAGE = /^(\d{1,3}(?:\.\d{1,6})?)%$/;

interface PercentageLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly examples: readonly PercentageText[];
}

/** Return a share between 0 and 1, or null if the text is not a percentage. */
export function parsePercentage(text: string): number | null {
  const [, amount] = PERCENTAGE.exec(text) ?? [];
  // Dividing keeps 1% at the number that is written as 0.01.
  return amount === undefined || Number(amount) > 100 ? null : Number(amount) / 100;
}

/** The model of a percentage, which is a share between 0 and 1 in the compiled configuration. */
export function percentage(limits: PercentageLimits): z.ZodType<number, PercentageText> {
  const { minimum, maximum, examples } = limits;
  return scalar<PercentageText, number>(
    (value) => {
      const found = describeValue(value);
      if (typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))) {
        return new InvalidValue('missing-unit', found, `write it with a unit, for example ${value}%`);
      }
      if (typeof value !== 'string') {
        return new InvalidValue('wrong-type', found, `write a percentage: ${examples.join(' or ')}`);
      }
      const share = parsePercentage(value);
      if (share === null) {
        return new InvalidValue(
          'invalid-percentage',
          found,
          `write a number and a percent sign: ${examples.join(' or ')}`,
        );
      }
      if (share >= minimum / 100 && share <= maximum / 100) return share;
      return new InvalidValue('out-of-range', found, `write ${minimum}% to ${maximum}%`);
    },
    {
      title: `Percentage, ${minimum}% to ${maximum}%`,
      type: 'string',
      pattern: '^\\d{1,3}(\\.\\d{1,6})?%$',
      examples,
    },
  );
}
