/** `routes`: which events start which deployment, and how. */
import { z } from 'zod';
import { coalesceModel } from '../coalesce/model.ts';
import { claimRetention } from '../retention/fields.ts';
import { runModel } from '../run/model.ts';
import { durationInSeconds } from '../scalars/duration.ts';
import { filterExpression, keyExpression } from '../scalars/expression-scalars.ts';
import { strictMap } from '../scalars/strict-map.ts';

const dedupeModel = strictMap(
  {
    key: keyExpression()
      .optional()
      .describe(
        'Events of this route with the same key are duplicates. Default: the identity that the source assigns, which is unique to each event.',
      ),
    retention: claimRetention,
  },
  'When an event is a duplicate.',
).prefault({});

const expectModel = strictMap(
  {
    within: durationInSeconds({ minimum: '10m', maximum: '7d', examples: ['1h'] }).describe(
      'How long the route may be without an event that matches it: after that the alarm `RouteSilent` fires.',
    ),
  },
  'How often something should match the route. Default: no alarm.',
);

export const routeModel = strictMap(
  {
    from: z.array(z.string()).describe('Names of the sources that the route reads.'),
    when: filterExpression()
      .optional()
      .describe(
        'Which events match. Default: all. An event on which the expression fails is dead-lettered, never filtered.',
      ),
    dedupe: dedupeModel,
    coalesce: coalesceModel.prefault({ mode: 'none' }).describe('Which events share a flow run.'),
    expect: expectModel.optional(),
    run: runModel,
  },
  'Which events start which deployment, and how.',
);

export type RouteConfiguration = z.output<typeof routeModel>;
