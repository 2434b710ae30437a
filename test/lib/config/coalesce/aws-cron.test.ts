import { describe, expect, it } from 'vitest';
import { parseAwsCron } from '../../../../lib/config/coalesce/aws-cron.ts';

const fixOf = (text: string): string => {
  const parsed = parseAwsCron(text);
  return parsed.kind === 'refused' ? parsed.fix : 'valid';
};

describe('a cron expression of AWS', () => {
  it.each([
    ['cron(0 2 * * ? *)', ['0 0 2 * * *']],
    ['cron(30 9-11 ? * MON-FRI *)', ['9', '10', '11'].map((hour) => `0 30 ${hour} * * 1,2,3,4,5`)],
    ['cron(0/30 2 1,15 JAN-MAR ? *)', ['0 0 2 1,15 1,2,3 *', '0 30 2 1,15 1,2,3 *']],
    ['cron(0 12 ? * 1 *)', ['0 0 12 * * 0']],
    ['cron(0 12 ? * SUN,SAT *)', ['0 0 12 * * 0,6']],
    ['cron(0 0 L * ? *)', ['0 0 0 L * *']],
    ['cron(*/15 * * * ? *)', ['0 0,15,30,45 * * * *']],
    ['cron(* * * * ? *)', ['0 * * * * *']],
    [' cron( 5  4 ? * wed * ) ', ['0 5 4 * * 3']],
  ])('%s closes at %j', (text, patterns) => {
    expect(parseAwsCron(text)).toEqual({ kind: 'cron', patterns });
  });

  it.each([
    ['0 2 * * *', 'write cron(minutes hours'],
    ['cron(0 2 * * *)', 'write cron(minutes hours'],
    ['cron(0 2 * * ? * *)', 'write cron(minutes hours'],
    ['rate(1 day)', 'write cron(minutes hours'],
    ['cron(0 2 * * * *)', 'write ? for one of'],
    ['cron(0 2 ? * ? *)', 'write ? for one of'],
    ['cron(0 2 * * ? 2027)', 'write * for the year'],
    ['cron(60 2 * * ? *)', 'numbers from 0 to 59 for the minutes'],
    ['cron(0 24 * * ? *)', 'numbers from 0 to 23 for the hours'],
    ['cron(0 2 0 * ? *)', 'numbers from 1 to 31 for the day of month'],
    ['cron(0 2 15W * ? *)', 'L, W and # are not supported there'],
    ['cron(0 2 ? * 2#1 *)', 'numbers from 1 to 7 or SUN to SAT for the day of week'],
    ['cron(0 2 ? * 6L *)', 'L, W and # are not supported there'],
    ['cron(0 2 ? * L *)', 'L, W and # are not supported there'],
    ['cron(0 2 ? * 0 *)', 'numbers from 1 to 7'],
    ['cron(0 2 ? * FRI-MON *)', 'numbers from 1 to 7'],
    ['cron(0/0 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(5-1 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(-1 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(1, 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(1e1 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(*-5 2 * * ? *)', 'numbers from 0 to 59'],
    ['cron(0 2 * FOO ? *)', 'numbers from 1 to 12 or JAN to DEC for the month'],
    ['cron(0 2 __proto__ * ? *)', 'numbers from 1 to 31'],
  ])('%s is refused: %s', (text, fix) => {
    expect(fixOf(text)).toContain(fix);
  });
});
