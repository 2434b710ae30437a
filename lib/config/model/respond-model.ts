/** What a request at an HTTP source is answered with. */
import { z } from 'zod';
import { durationInSeconds } from './duration.ts';
import { strictMap } from './object.ts';

const DEFAULT_WAIT_SECONDS = 10;

/** API Gateway ends a request after 30 s. */
const maxWait = durationInSeconds({ minimum: '2s', maximum: '25s', examples: ['10s'] });

export const respondModel = z
  .union([
    z
      .enum(['accepted', 'run'])
      .describe(
        '`accepted`: 202 as soon as the events are stored. `run`: 201 with the flow runs that they became, where that is known within 10 seconds, else 202.',
      ),
    strictMap(
      {
        mode: z.literal('run').describe('Answer with the flow runs.'),
        maxWait: maxWait
          .prefault(`${DEFAULT_WAIT_SECONDS}s`)
          .describe(
            'How long a request waits for its flow runs, at most; longer than `queue.batchWindow`, and 4 seconds shorter than `function.timeout`.',
          ),
      },
      '`run` with another time to wait.',
    ),
  ])
  .prefault('accepted')
  .describe(
    'What a request is answered with once its events are stored. `run` is for routes without windows. [The HTTP endpoint](http.md#flow-runs-in-the-response) describes the responses.',
  );

export type RespondConfiguration = z.output<typeof respondModel>;

export function runWaitSeconds(respond: Exclude<RespondConfiguration, 'accepted'>): number {
  return respond === 'run' ? DEFAULT_WAIT_SECONDS : respond.maxWait;
}
