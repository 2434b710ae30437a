/** A source that is a rule on an event bus of Amazon EventBridge. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { eventPattern } from './event-pattern.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';
import { queueModel } from './queue-model.ts';
import { functionModel } from './source-fields.ts';

/** A bus of one's own, `default`, or one of a partner: `aws.partner/example.com/acme/orders`. */
const BUS_NAME = '[A-Za-z0-9._/-]{1,256}';
const BUS = new RegExp(
  `^(?:${BUS_NAME}|arn:aws[a-z-]*:events:[a-z0-9-]+:\\d{12}:event-bus/${BUS_NAME})$`,
  'u',
);

export const eventBus = textLeaf(
  (text) =>
    BUS.test(text)
      ? text
      : new Refusal(
          'invalid-event-bus',
          describeFound(text),
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
        'The bus, which exists already, in account and region of the stack. `default`: the one of the account, where AWS services put their events.',
      ),
    pattern: eventPattern.describe(
      'Which events: a pattern as EventBridge has it, with a list of values for each field. What does not match is never paid for.',
    ),
    function: functionModel,
    queue: queueModel,
  },
  'Events are those of an event bus that match a pattern. Sluice makes the rule, and a queue of its own behind it.',
);
