/** `coalesce`: which events share a flow run, by mode. */
import { z } from 'zod';
import { sizeInBytes } from '../scalars/byte-size.ts';
import { durationFromZeroInSeconds, durationInSeconds } from '../scalars/duration.ts';
import { closingCron, zoneName } from './closing-schedule.ts';
import { filterExpression, keyExpression } from '../scalars/expression-scalars.ts';
import { wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** An invocation has at most 6 MB of events. */
const maxBatchBytes = sizeInBytes({ minimum: '1KiB', maximum: '5MiB' });

const caps = {
  key: keyExpression()
    .optional()
    .describe('Only events with the same key share a flow run. Default: all events of the route may.'),
  maxEvents: wholeNumber({ minimum: 1, maximum: 10_000 })
    .prefault(100)
    .describe('Maximum of events in one flow run.'),
  maxBytes: maxBatchBytes
    .prefault('400KiB')
    .describe(
      'Maximum of bytes of event data in one flow run; a larger event gets a run of its own. Prefect refuses parameters of more than 512KiB: larger batches are split. More than 500KiB only with `run.overflow: s3`, where batches stay whole.',
    ),
};

const bypassWhen = filterExpression()
  .optional()
  .describe(
    'A matching event bypasses the wait: its window is closed at once, with all events in it. Default: no event. An event on which the expression fails is dead-lettered.',
  );

const noneModel = strictMap(
  { mode: z.literal('none').describe('One flow run for each event.') },
  'One flow run for each event.',
);

const invocationModel = strictMap(
  { mode: z.literal('invocation').describe('Events that arrive together share a flow run.'), ...caps },
  'Events that reach the function in one invocation share a flow run, without waiting for more.',
);

const windowModel = strictMap(
  {
    mode: z.literal('window').describe('Events that arrive within some time share a flow run.'),
    ...caps,
    maxWait: durationFromZeroInSeconds({ maximum: '7d', examples: ['10s', 0] })
      .optional()
      .describe(
        'The longest time from the first event of a window until it is closed, in whole seconds. `0`: no waiting, which is mode `invocation`. Mandatory without `at`.',
      ),
    at: closingCron()
      .optional()
      .describe(
        'In place of `maxWait`: the times at which windows close, as a cron expression of AWS, `cron(minutes hours day-of-month month day-of-week year)`. [Windows by the clock](windows.md#windows-by-the-clock) says what is supported.',
      ),
    zone: zoneName().optional().describe('The time zone of `at`. Default: UTC.'),
    bypassWhen,
  },
  'A window opens with an event, collects those that arrive within `maxWait`, closes then or when it is full, or at the times of `at`, and becomes a flow run. Windows do not overlap. [Windows](windows.md) has a picture.',
);

const debounceModel = strictMap(
  {
    mode: z.literal('debounce').describe('Events that follow each other closely share a flow run.'),
    ...caps,
    quiet: durationInSeconds({ minimum: '1s', maximum: '1d', examples: ['30s'] }).describe(
      'A window is closed after this time without an event, in whole seconds. Each event moves its end.',
    ),
    maxWait: durationInSeconds({ minimum: '1s', maximum: '7d', examples: ['10m'] }).describe(
      'The longest time from the first event of a window until it is closed, even if events keep arriving. Mandatory, since a stream that never pauses would never become a flow run; not shorter than `quiet`.',
    ),
    bypassWhen,
  },
  'A window opens with an event and closes after `quiet` without an event, after `maxWait`, or when it is full. Unlike in mode `sliding` its end moves, windows do not overlap, and each event is in one of them.',
);

const slidingModel = strictMap(
  {
    mode: z
      .literal('sliding')
      .describe('Events are in each of several windows that overlap, for flows that aggregate over time.'),
    ...caps,
    size: durationInSeconds({ minimum: '2s', maximum: '1d', examples: ['10m'] }).describe(
      'The time that a window covers, in whole seconds.',
    ),
    every: durationInSeconds({ minimum: '1s', maximum: '12h', examples: ['1m'] }).describe(
      'The time between the ends of two windows, aligned to the clock. Divides `size`, at most 100 times, and is shorter.',
    ),
  },
  'Hopping windows: one ends after each `every` and covers the last `size`. An event is in `size / every` windows, once in each. Unlike in mode `debounce` no event moves the end of a window. A window without events creates no flow run; one that exceeds the caps creates several.',
);

export const coalesceModel = z.discriminatedUnion('mode', [
  noneModel,
  invocationModel,
  windowModel,
  debounceModel,
  slidingModel,
]);

export type CoalesceConfiguration = z.output<typeof coalesceModel>;
