/** Sources of type eventbridge: a rule on an event bus of Amazon EventBridge. */
import { z } from 'zod';
import { deploymentFields, retired } from '../deployment/fields.ts';
import { describeValue } from '../issues/describe-value.ts';
import { eventPattern } from './event-pattern.ts';
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

const eventBus = textScalar(
  (text) =>
    BUS.test(text)
      ? text
      : new InvalidValue(
          'invalid-event-bus',
          describeValue(text),
          'write the name or the ARN of the bus, for example orders',
        ),
  { title: 'Name or ARN of an event bus', examples: ['orders'] },
);

export const eventBridgeSourceModel = strictMap(
  {
    type: z.literal('eventbridge').describe('An event bus of Amazon EventBridge.'),
    bus: eventBus
      .prefault('default')
      .describe(
        'The bus, which exists already, in account and region of the stack. `default`: the bus of the account, to which AWS services send their events.',
      ),
    pattern: eventPattern.describe(
      'Which events: a pattern in the syntax of EventBridge, with a list of values for each field. Events that do not match cost nothing.',
    ),
    retired,
    function: functionModel,
    queue: queueModel,
    ...deploymentFields,
  },
  'Events are those of an event bus that match a pattern. Sluice creates the rule, and a queue behind it.',
);

export type EventBridgeSourceConfiguration = z.output<typeof eventBridgeSourceModel>;
