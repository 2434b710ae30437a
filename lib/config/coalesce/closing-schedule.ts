/** `at` and `zone` of a window: times at which it closes. */
import type { z } from 'zod';
import { isTimeZone } from '../../expressions/time-zone.ts';
import { longestIntervalSeconds } from '../../windows/closing-times.ts';
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { parseAwsCron } from './aws-cron.ts';

/** A month, and the hour by which a clock may go back in it. */
const LONGEST_INTERVAL_SECONDS = 31 * 86_400 + 3_600;

export function closingCron(): z.ZodType<string, string> {
  return textScalar(
    (text) => {
      const parsed = parseAwsCron(text);
      const found = describeValue(text);
      if (parsed.kind === 'refused') return new InvalidValue('invalid-cron', found, parsed.fix);
      const longest = longestIntervalSeconds({ patterns: parsed.patterns, zone: 'UTC' });
      if (longest <= LONGEST_INTERVAL_SECONDS) return text;
      return new InvalidValue(
        'invalid-cron',
        `${found}, between whose times more than a month may pass`,
        'write times that come at least once a month',
      );
    },
    {
      title: 'Cron expression of AWS',
      pattern: '^\\s*cron\\(.+\\)\\s*$',
      examples: ['cron(0 2 * * ? *)', 'cron(30 9-17 ? * MON-FRI *)'],
    },
  );
}

/** A zone of the IANA database. A fixed offset would be wrong for half of the year. */
export function zoneName(): z.ZodType<string, string> {
  return textScalar(
    (text) =>
      /^[A-Za-z]/.test(text) && isTimeZone(text)
        ? text
        : new InvalidValue(
            'invalid-zone',
            describeValue(text),
            'write the name of a zone of the IANA database, as in Europe/Berlin, or UTC',
          ),
    { title: 'Time zone', examples: ['Europe/Berlin', 'UTC'] },
  );
}
