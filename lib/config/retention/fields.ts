/** `retention`: how long claims, messages of a queue and records of topics are kept. */
import { durationInSeconds } from '../scalars/duration.ts';

export const claimRetention = durationInSeconds({ minimum: '1m', maximum: '400d', examples: ['15d'] })
  .prefault('15d')
  .describe(
    'How long a claim is remembered, at least. It has to outlive every redelivery (a queue keeps messages up to 14 days), and the wait in a window by a day.',
  );

export const queueRetention = durationInSeconds({ minimum: '1m', maximum: '14d', examples: ['4d'] })
  .optional()
  .describe(
    'How long the queue keeps a message (`MessageRetentionPeriod`), which Sluice cannot see. Used only for the warning about a shorter `dedupe.retention`. Default: 14d, the maximum of SQS.',
  );

export const topicRetention = durationInSeconds({ minimum: '1m', maximum: '10000d', examples: ['7d'] })
  .optional()
  .describe(
    "How long the topics keep a record (`retention.ms`), which Sluice cannot see. Used only for the warning about a shorter `dedupe.retention`. Default: 7d, Kafka's own.",
  );
