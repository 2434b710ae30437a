/** Sources of type eventbridge: a rule on an event bus of Amazon EventBridge. */
import { z } from 'zod';
import { deploymentFields, retired } from '../deployment/fields.ts';
import { describeValue } from '../issues/describe-value.ts';
import { eventPattern, metadataPattern } from './event-pattern.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { queueModel } from '../queue.ts';
import { functionModel } from '../source-fields.ts';

/** A custom bus, `default`, or the bus of a partner: `aws.partner/example.com/acme/orders`. */
const BUS_NAME = '[A-Za-z0-9._/-]{1,256}';
const BUS = new RegExp(
  `^(?:${BUS_NAME}|arn:aws[a-z-]*:events:[a-z0-9-]+:\\d{12}:event-bus/${BUS_NAME})$`,
  'u',
);

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus.html: its ARN has an id after the name. */
const CUSTOM_BUS =
  /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-busv2\/[A-Za-z0-9][A-Za-z0-9._-]{0,255}\/[a-z0-9]{25}$/;

export function isCustomBus(bus: string): boolean {
  return CUSTOM_BUS.test(bus);
}

const eventBus = textScalar(
  (text) =>
    BUS.test(text) || isCustomBus(text)
      ? text
      : new InvalidValue(
          'invalid-event-bus',
          describeValue(text),
          'write the name or the ARN of the bus, for example orders; of a custom bus of EventsV2 the whole ARN with its id',
        ),
  { title: 'Name or ARN of an event bus', examples: ['orders'] },
);

export const eventBridgeSourceModel = strictMap(
  {
    type: z.literal('eventbridge').describe('An event bus of Amazon EventBridge.'),
    bus: eventBus
      .prefault('default')
      .describe(
        'The bus, which exists already, in account and region of the stack. `default`: the bus of the account, to which AWS services send their events. The ARN of a custom bus of `AWS::EventsV2` (`…:event-busv2/<name>/<id>`) gets a subscriber instead of a rule.',
      ),
    pattern: eventPattern.describe(
      'Which events: a pattern in the syntax of EventBridge, with a list of values for each field. Events that do not match cost nothing. On a custom bus of `AWS::EventsV2` it is about the payload: that of PutRawEvents, or the envelope of PutEvents.',
    ),
    metadata: metadataPattern
      .optional()
      .describe(
        'Exact values of the metadata that producers set with PutRawEvents, on a custom bus of `AWS::EventsV2`.',
      ),
    retired,
    function: functionModel,
    queue: queueModel,
    ...deploymentFields,
  },
  'Events are those of an event bus that match a pattern. Sluice creates the rule, and a queue behind it.',
);

export type EventBridgeSourceConfiguration = z.output<typeof eventBridgeSourceModel>;
