/** Fields about how a source is deployed and watched; no function reads them. */
import { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import { durationInSeconds } from '../scalars/duration.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';

const group = textScalar(
  (text) =>
    /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-name',
          describeValue(text),
          'write 1 to 40 lower-case letters, digits and hyphens, a letter first',
        ),
  { title: 'Name', pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$', examples: ['shop'] },
);

/** Fields of sources of every type. */
export const deploymentFields = {
  group: group
    .optional()
    .describe(
      'The nested stack of the source: sources of one group share one. A stack has room for 500 resources, which is about 20 HTTP sources. Choose it before the first deployment: a source that changes its group gets a new queue, and what waits in the old one has to be drained first. Default: the main stack.',
    ),
  expectEventsEvery: durationInSeconds({ minimum: '10m', maximum: '7d', examples: ['1h'] })
    .optional()
    .describe(
      'How long the source may be without an event: after that the alarm `NoEvents` fires. Default: no such alarm.',
    ),
};

/** A field of sources that Sluice creates a queue for. */
export const retired = z
  .boolean()
  .prefault(false)
  .describe(
    '`true` takes the endpoint or the rule away and keeps the queue and the function that reads it, so that events which were accepted still become flow runs. Remove the source when its queues are empty.',
  );
