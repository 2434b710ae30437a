/** Sources of type http. */
import { z } from 'zod';
import { deploymentFields, retired } from '../deployment/fields.ts';
import { describeValue } from '../issues/describe-value.ts';
import { queueModel } from '../queue.ts';
import { respondModel } from '../respond.ts';
import { sizeInBytes } from '../scalars/byte-size.ts';
import { InvalidValue, textScalar, wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { eventTypeOf, functionModel, unwrap } from '../source-fields.ts';
import { handshakeModel } from '../verify/handshake.ts';
import { verifyModel, webhookOriginsModel } from '../verify/model.ts';
import { format } from './event-fields.ts';
import { passedHeaders } from './passed-headers.ts';

const httpPath = textScalar(
  (text) =>
    /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text) && text.length <= 512
      ? text
      : new InvalidValue(
          'invalid-http-path',
          describeValue(text),
          'write a path such as /orders: segments of letters, digits and . _ ~ -, no slash at the end',
        ),
  { title: 'Path', pattern: '^(/[A-Za-z0-9._~-]+)+$', maxLength: 512, examples: ['/orders'] },
);

export const httpSourceModel = strictMap(
  {
    type: z.literal('http').describe('An HTTPS endpoint.'),
    path: httpPath.describe('The path of the endpoint. Events are sent with POST.'),
    verify: verifyModel,
    webhookOrigins: webhookOriginsModel,
    handshake: handshakeModel,
    headers: passedHeaders,
    maxBodyBytes: sizeInBytes({ minimum: '1KiB', maximum: '4MiB' })
      .prefault('1MiB')
      .describe('Larger requests are answered 413.'),
    maxEventsPerRequest: wholeNumber({ minimum: 1, maximum: 1000 })
      .prefault(100)
      .describe(
        'Maximum of events in one request (a CloudEvents batch or a JSON array); more are answered 413.',
      ),
    respond: respondModel,
    retired,
    format,
    unwrap,
    eventType: eventTypeOf('sluice.http.received'),
    function: functionModel,
    queue: queueModel,
    ...deploymentFields,
  },
  'Events are POSTed to an HTTPS endpoint and answered 202 once they are stored in a queue, or with their flow runs.',
);

export type HttpSourceConfiguration = z.output<typeof httpSourceModel>;
