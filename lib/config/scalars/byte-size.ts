/** Sizes: `512B`, `400KiB`, `1MiB`, `2GiB`. Powers of 1024 only, and a bare number is refused. */
import type { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import { scalar, InvalidValue } from './scalar.ts';

export type ByteSizeText = `${number}${'B' | 'KiB' | 'MiB' | 'GiB'}`;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const SIZE = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/;
const FIX = 'write a number and a unit: 512B, 400KiB, 1MiB or 2GiB';

/** Return bytes, or null if the text is not a size. */
export function parseByteSize(text: string): number | null {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const bytesPerUnit = unit === undefined ? undefined : BYTES_PER_UNIT[unit];
  return bytesPerUnit === undefined ? null : Number(amount) * bytesPerUnit;
}

interface SizeLimits {
  readonly minimum: ByteSizeText;
  readonly maximum: ByteSizeText;
}

export function sizeInBytes(limits: SizeLimits): z.ZodType<number, ByteSizeText> {
  return sizeIn(1, 'bytes', limits);
}

export function sizeInMiB(limits: SizeLimits): z.ZodType<number, ByteSizeText> {
  return sizeIn(1024 ** 2, 'MiB', limits);
}

function sizeIn(
  bytesPerUnit: number,
  unitName: string,
  { minimum, maximum }: SizeLimits,
): z.ZodType<number, ByteSizeText> {
  const minimumBytes = parseByteSize(minimum) ?? 0;
  const maximumBytes = parseByteSize(maximum) ?? Number.POSITIVE_INFINITY;
  return scalar<ByteSizeText, number>(
    (value) => {
      const found = describeValue(value);
      if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
        return new InvalidValue('missing-unit', found, `write it with a unit, for example ${value}KiB`);
      }
      if (typeof value !== 'string') return new InvalidValue('wrong-type', found, FIX);
      const bytes = parseByteSize(value);
      if (bytes === null) return new InvalidValue('invalid-size', found, FIX);
      if (!Number.isInteger(bytes / bytesPerUnit)) {
        return new InvalidValue('invalid-size', found, `write whole ${unitName}`);
      }
      if (bytes >= minimumBytes && bytes <= maximumBytes) return bytes / bytesPerUnit;
      return new InvalidValue('out-of-range', found, `write ${minimum} to ${maximum}`);
    },
    {
      title: `Size, ${minimum} to ${maximum}`,
      type: 'string',
      pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$',
      examples: [minimum, maximum],
    },
  );
}
