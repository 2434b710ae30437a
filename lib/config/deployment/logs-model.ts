/** `logs`: the log lines of the functions. */
import { z } from 'zod';
import { strictMap } from '../scalars/strict-map.ts';

export const logsModel = strictMap(
  {
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .prefault('info')
      .describe(
        'The lowest level that is logged. `info`: a line for each event and request. `warn`: only events that are retried or dead-lettered, and what went wrong; then no log line says which flow run an event became. Metrics and alarms do not depend on it.',
      ),
  },
  'What the functions write to CloudWatch Logs.',
).prefault({});

export type LogsConfiguration = z.output<typeof logsModel>;
