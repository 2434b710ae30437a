/** CEL's durations: exact to the nanosecond. */

const NANOS_PER_SECOND = 1_000_000_000n;

/** CEL's range: nanoseconds of 64 bits, 292 years. */
const MAX_NANOS = 2n ** 63n - 1n;

const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  h: 3600n * NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND,
  s: NANOS_PER_SECOND,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};

/** `1h30m`, `-0.5s`: a sign, and numbers with their units (https://pkg.go.dev/time#ParseDuration). */
const DURATION = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|ns))+)$/;
const PART = /(\d*)\.?(\d*)(h|ms|m|s|us|µs|ns)/g;

export class Duration {
  readonly totalNanos: bigint;

  constructor(totalNanos: bigint) {
    this.totalNanos = totalNanos;
  }

  get hours(): bigint {
    return this.totalNanos / (3600n * NANOS_PER_SECOND);
  }

  get minutes(): bigint {
    return this.totalNanos / (60n * NANOS_PER_SECOND);
  }

  get seconds(): bigint {
    return this.totalNanos / NANOS_PER_SECOND;
  }

  /** The milliseconds beyond whole seconds. */
  get milliseconds(): bigint {
    return (this.totalNanos % NANOS_PER_SECOND) / 1_000_000n;
  }

  /** Print seconds as ProtoJSON reads them: `90s`, `-1.5s`, `-0.5s`. */
  toString(): string {
    const isNegative = this.totalNanos < 0n;
    const nanos = isNegative ? -this.totalNanos : this.totalNanos;
    const fraction = fractionText(Number(nanos % NANOS_PER_SECOND));
    return `${isNegative ? '-' : ''}${nanos / NANOS_PER_SECOND}${fraction}s`;
  }
}

/** Return null for text that is not a duration or is longer than 292 years. Digits below a nanosecond are cut. */
export function parseDuration(text: string): Duration | null {
  if (!DURATION.test(text)) return null;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(PART)) {
    const nanosPerUnit = NANOS_PER_UNIT[unit] ?? 0n;
    // An hour has 3.6 × 10^12 nanoseconds: digits beyond the thirteenth make less than one.
    const digits = fraction.slice(0, 13).padEnd(13, '0');
    nanos += BigInt(whole === '' ? '0' : whole) * nanosPerUnit + (BigInt(digits) * nanosPerUnit) / 10n ** 13n;
  }
  return durationOf(text.startsWith('-') ? -nanos : nanos);
}

/** Return null when the duration is longer than 292 years. */
export function durationOf(totalNanos: bigint): Duration | null {
  return totalNanos <= MAX_NANOS && totalNanos >= -MAX_NANOS ? new Duration(totalNanos) : null;
}

/** The digits of a second behind its point, without trailing zeros: `.5`, or nothing for a whole second. */
export function fractionText(nanosOfSecond: number): string {
  if (nanosOfSecond === 0) return '';
  return `.${String(nanosOfSecond).padStart(9, '0').replace(/0+$/, '')}`;
}
