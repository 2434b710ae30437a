/** `logs`: the log lines of the functions. */
import { z } from 'zod';
import { percentage } from '../scalars/percentage.ts';
import { strictMap } from '../scalars/strict-map.ts';

const sampled = strictMap(
  {
    sampled: percentage({ minimum: 0.0001, maximum: 100, examples: ['1%', '0.1%'] }).describe(
      'The share of the events whose lines are written, chosen by the id of the event: all lines of one event are written, or none.',
    ),
  },
  'The lines of a share of the events, and of everything that went wrong.',
);

export const logsModel = strictMap(
  {
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .prefault('info')
      .describe(
        'The lowest level that is logged. `info`: a line for each event and request. `warn`: only events that are retried or dead-lettered, and what went wrong; then no log line says which flow run an event became. Metrics and alarms do not depend on it.',
      ),
    outcomes: z
      .union([z.enum(['all', 'exceptions']), sampled])
      .prefault('all')
      .describe(
        'Which events and accepted requests have a log line of their own. `all`: each of them. `exceptions`: those that are retried, dead-lettered, refused, or held in a window. `{ sampled: 1% }`: those, and a share of the others. A line is the largest part of the log, and CloudWatch charges for every byte; [deploy.md](deploy.md#log-lines) says what the log does not tell any more without it. Metrics and alarms do not depend on it.',
      ),
  },
  'What the functions write to CloudWatch Logs.',
).prefault({});

export type LogsConfiguration = z.output<typeof logsModel>;
