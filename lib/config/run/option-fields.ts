/** Fields of `run` besides the deployment and its parameters: name, tags, work queue, start, job variables. */
import { z } from 'zod';
import { printableText } from '../../prefect/sanitize-text.ts';
import { describeValue, quote } from '../issues/describe-value.ts';
import { durationInSeconds } from '../scalars/duration.ts';
import { runExpression } from '../scalars/expression-scalars.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

const tag = textScalar(
  (text) => {
    const found = `the tag ${quote(text)}`;
    if (/^(?:prefect|sluice)[.:]/i.test(text)) {
      return new InvalidValue(
        'reserved-tag',
        found,
        'choose one that does not start with prefect. or sluice.',
      );
    }
    if (!/^[^\p{Cc}]{1,100}$/u.test(text)) {
      return new InvalidValue('invalid-tag', found, 'write 1 to 100 characters');
    }
    // Runs carry the tag in this form, and a filter in Prefect by the tag as it is written here would find none.
    const printable = printableText(text, text.length);
    if (printable === text) return text;
    const fix =
      printable === '' ? 'write 1 to 100 characters' : `write it as runs would carry it: ${quote(printable)}`;
    return new InvalidValue('invalid-tag', found, fix);
  },
  { title: 'Tag', maxLength: 100, examples: ['team-orders'] },
);

const chosenTag = strictMap(
  { value: runExpression().describe('CEL that yields a text, or a list of texts.') },
  'Tags that an expression yields: each cut at 100 characters, at most 20 of them in all.',
);

const queueName = textScalar(
  (text) =>
    /^[^/%&<>\p{Cc}]{1,200}$/u.test(text)
      ? text
      : new InvalidValue(
          'invalid-work-queue',
          describeValue(text),
          'write the name of a queue of the work pool, without / % & < >',
        ),
  { title: 'Work queue', pattern: '^[^/%&<>]{1,200}$', examples: ['high'] },
);

const chosenQueue = strictMap(
  {
    value: runExpression().describe('CEL that yields the name of a queue.'),
    allow: z
      .array(queueName)
      .min(1)
      .describe(
        'The queues that it may yield. Events on which it yields anything else are dead-lettered with the code `unknown-work-queue`.',
      ),
  },
  'A queue that an expression chooses.',
);

const chosenStart = strictMap(
  {
    value: runExpression().describe('CEL that yields a timestamp, RFC 3339 text or a duration.'),
    atMost: durationInSeconds({ minimum: '1s', maximum: '365d', examples: ['30d'] })
      .prefault('30d')
      .describe('Events on which it yields a time further away are dead-lettered.'),
  },
  'A time that an expression yields. A time that is past means at once.',
);

const jobVariableName = textScalar(
  (text) =>
    /^(?!__prefect)[A-Za-z_]\w{0,99}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-parameter-name',
          `the job variable ${quote(text)}`,
          'write the name of a variable of the base job template: letters, digits and _',
        ),
  { title: 'Job variable' },
);

const jobVariable = z.union([
  runExpression().describe('CEL that yields a text or a number.'),
  strictMap(
    {
      value: runExpression().describe('CEL that yields a text or a number.'),
      allow: z
        .array(z.union([z.string(), z.number()]))
        .min(1)
        .optional()
        .describe(
          'The values that it may yield; events on which it yields another are dead-lettered. Default: any. Mandatory for variables that decide what is executed, or as whom: `image`, `command` and the like.',
        ),
    },
    'A value, and those that it may be.',
  ),
]);

export const runOptionFields = {
  name: runExpression()
    .optional()
    .describe(
      'CEL that yields the name of the flow run: cut at 200 characters, without control characters. Default: the name of the route and a digest of the events.',
    ),
  tags: z
    .array(z.union([tag, chosenTag]))
    .prefault([])
    .describe(
      'At most 10 tags of the flow run; the deployment adds its own. A text is a tag, `{ value: … }` an expression that yields some.',
    ),
  workQueue: z
    .union([queueName, chosenQueue])
    .optional()
    .describe(
      'The work queue of the flow run, in the work pool of the deployment: a name, or an expression with the queues that it may yield. No queue is ever created: until it exists, events wait in their source. Default: the queue of the deployment.',
    ),
  after: z
    .union([durationInSeconds({ minimum: '1s', maximum: '365d', examples: ['10m'] }), chosenStart])
    .optional()
    .describe(
      'When the flow run starts: so long after it was created, or at a time that an expression yields. Default: at once.',
    ),
  jobVariables: z
    .record(jobVariableName, jobVariable)
    .optional()
    .describe(
      'Variables of the base job template of the work pool, by name: CEL that yields a text or a number.',
    ),
};
