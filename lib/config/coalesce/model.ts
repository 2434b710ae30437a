/** Which events share a flow run: the modes of coalescing. */
import { z } from 'zod';
import { sizeInBytes } from '../scalars/byte-size.ts';
import { durationFromZeroInSeconds, durationInSeconds } from '../scalars/duration.ts';
import { filterExpression, keyExpression } from '../scalars/expression-scalars.ts';
import { wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** An invocation has 6 MB of events at most. */
export const maxBatchBytes = sizeInBytes({ minimum: '1KiB', maximum: '5MiB' });

const caps = {
  key: keyExpression()
    .optional()
    .describe('Only events with the same key share a flow run. Default: all events of the route may.'),
  maxEvents: wholeNumber({ minimum: 1, maximum: 10_000 })
    .prefault(100)
    .describe('Most events in one flow run.'),
  maxBytes: maxBatchBytes
    .prefault('400KiB')
    .describe(
      'Most bytes of event data in one flow run; a larger event is in a run of its own. Prefect refuses parameters of more than 512KiB: batches that come out larger are split. More than 500KiB only with `run.overflow: s3`, where they stay whole.',
    ),
};

const bypassWhen = filterExpression()
  .optional()
  .describe(
    'An event for which this holds is not kept waiting: its window is closed at once, with the event and all that waited in it. Default: no event. An event on which the expression fails is dead-lettered.',
  );

const noneModel = strictMap(
  { mode: z.literal('none').describe('One flow run for each event.') },
  'One flow run for each event.',
);

const invocationModel = strictMap(
  { mode: z.literal('invocation').describe('Events that arrive together share a flow run.'), ...caps },
  'Events that reach the function in one invocation share a flow run, without waiting for more.',
);

export const windowModel = strictMap(
  {
    mode: z.literal('window').describe('Events that arrive within some time share a flow run.'),
    ...caps,
    maxWait: durationFromZeroInSeconds({ maximum: '7d', examples: ['10s', 0] }).describe(
      'How long after its first event a window is closed at the latest, in whole seconds: what an event may wait. `0`: no waiting at all, which is mode `invocation`.',
    ),
    bypassWhen,
  },
  'A window opens with an event, takes those that come within `maxWait`, closes then or when it is full, and becomes a flow run. Windows do not overlap. [Windows](windows.md) draws it.',
);

export const debounceModel = strictMap(
  {
    mode: z.literal('debounce').describe('Events that follow each other closely share a flow run.'),
    ...caps,
    quiet: durationInSeconds({ minimum: '1s', maximum: '1d', examples: ['30s'] }).describe(
      'A window is closed when no event came for so long, in whole seconds. Each event moves its end.',
    ),
    maxWait: durationInSeconds({ minimum: '1s', maximum: '7d', examples: ['10m'] }).describe(
      'How long after its first event a window is closed at the latest, also when events keep coming. Mandatory, since a stream that never pauses would never become a flow run; not shorter than `quiet`.',
    ),
    bypassWhen,
  },
  'A window opens with an event and closes once no event came for `quiet`, after `maxWait`, or when it is full. Unlike in mode `sliding` its end moves, windows do not overlap, and each event is in one of them.',
);

export const slidingModel = strictMap(
  {
    mode: z
      .literal('sliding')
      .describe('Events are in each of several windows that overlap, for flows that aggregate over time.'),
    ...caps,
    size: durationInSeconds({ minimum: '2s', maximum: '1d', examples: ['10m'] }).describe(
      'How much time a window covers, in whole seconds.',
    ),
    every: durationInSeconds({ minimum: '1s', maximum: '12h', examples: ['1m'] }).describe(
      'A window ends every so often, by the clock. Divides `size`, at most 100 times; shorter than it.',
    ),
  },
  'Windows of fixed length that hop (overlap): every `every` one ends, which covers the last `size`. An event is in `size / every` windows, once in each. Unlike in mode `debounce` no event moves the end of a window. A window without events becomes no flow run; one with more than the caps becomes several.',
);

export const coalesceModel = z.discriminatedUnion('mode', [
  noneModel,
  invocationModel,
  windowModel,
  debounceModel,
  slidingModel,
]);

export type CoalesceConfiguration = z.output<typeof coalesceModel>;
