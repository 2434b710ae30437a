/** Fields of sources of every type. */
import { z } from 'zod';
import type { CompiledFunction } from '../compiled-config/compiled.ts';
import { describeValue } from './issues/describe-value.ts';
import { sizeInMiB } from './scalars/byte-size.ts';
import { durationInSeconds } from './scalars/duration.ts';
import { InvalidValue, textScalar } from './scalars/scalar.ts';
import { strictMap } from './scalars/strict-map.ts';

const eventType = textScalar(
  (text) =>
    /^[\x21-\x7E]{1,255}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-event-type',
          describeValue(text),
          'write 1 to 255 printable ASCII characters without spaces, for example com.example.order.paid',
        ),
  { title: 'CloudEvents type', maxLength: 255, examples: ['com.example.order.paid'] },
);

export function eventTypeOf(byDefault: string) {
  return eventType.prefault(byDefault).describe('The CloudEvents `type` of events that do not have one.');
}

export const functionModel = strictMap(
  {
    memory: sizeInMiB({ minimum: '128MiB', maximum: '10240MiB' })
      .prefault('512MiB')
      .describe('Memory of the function; CPU grows with it.'),
    timeout: durationInSeconds({ minimum: '5s', maximum: '15m', examples: ['60s'] })
      .prefault('60s')
      .describe(
        'How long one invocation may run. The visibility timeout of the queue has to be six times as long; Sluice sets it for HTTP sources. Kafka: at most 14m.',
      ),
  },
  'The Lambda function that runs the pipeline for this source.',
).prefault({});

export const unwrap = z
  .array(z.enum(['sns', 'eventbridge', 's3']))
  .prefault([])
  .describe(
    'Envelopes of AWS services to remove, in whatever order they are nested: the message in an SNS notification, the detail of an EventBridge event, each record of an S3 notification becomes an event of its own. A body without an envelope is read as it is.',
  );

export function compileFunction({ memory, timeout }: z.output<typeof functionModel>): CompiledFunction {
  return { memoryMiB: memory, timeoutSeconds: timeout };
}
