/** `limits`: the largest event that is accepted. */
import { sizeInBytes } from './scalars/byte-size.ts';
import { wholeNumber } from './scalars/scalar.ts';
import { strictMap } from './scalars/strict-map.ts';

export const limitsModel = strictMap(
  {
    maxEventBytes: sizeInBytes({ minimum: '1KiB', maximum: '4MiB' })
      .prefault('400KiB')
      .describe(
        'Body and headers of an event. Larger events are dead-lettered (HTTP: answered 413). Smaller ones that Prefect does not take are dead-lettered too, unless the route has `run.overflow: s3`. An SQS message, which accepted HTTP events become, has room for 1MiB.',
      ),
    maxDepth: wholeNumber({ minimum: 1, maximum: 200 })
      .prefault(100)
      .describe('Deeper JSON is dead-lettered (HTTP: answered 422). Prefect fails beyond 255 levels.'),
    maxKeys: wholeNumber({ minimum: 1, maximum: 100_000 })
      .prefault(10_000)
      .describe('JSON with more object keys is dead-lettered (HTTP: answered 422).'),
  },
  'The largest event that is accepted.',
).prefault({});
