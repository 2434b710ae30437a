/** Parameters that are too large for Prefect: `run.overflow`, `overflow`, and the rules about them. */
import { z } from 'zod';
import type { CompiledOverflow } from '../compiled-config/compiled.ts';
import type { ConfigIssue } from './issues/config-issue.ts';
import { durationInDays } from './scalars/duration.ts';
import { strictMap } from './scalars/strict-map.ts';
import type { Named } from './valid-parts.ts';

/** Prefect takes parameters of 512KiB, in which event data is escaped. */
const MAX_BATCH_BYTES_IN_PREFECT = 500 * 1024;

export const runOverflow = z
  .enum(['refuse', 's3'])
  .prefault('refuse')
  .describe(
    'What happens to parameters that are too large for Prefect, which takes 512KiB. `refuse`: the batch is split, and an event that is too large alone goes to the dead-letter queue. `s3`: they are stored as an object in S3, and the flow receives a reference to it, which [a few lines of Python](overflow.md) read.',
  );

export const overflowModel = strictMap(
  {
    retention: durationInDays({ minimum: '1d', maximum: '3650d', examples: ['30d'] })
      .prefault('30d')
      .describe(
        'How long an object is kept, in whole days. It has to outlive the wait until its run starts, and every later retry of the run.',
      ),
  },
  'The bucket for parameters that are too large for Prefect, of routes with `run.overflow: s3`.',
).prefault({});

export function compileOverflow({ retention }: z.output<typeof overflowModel>): CompiledOverflow {
  return { retentionDays: retention };
}

interface OverflowingRoute {
  readonly coalesce: { readonly mode: string; readonly maxBytes?: number | null | undefined } | null;
  readonly run: { readonly overflow: 'refuse' | 's3' | null } | null;
}

export function overflowRules(routes: readonly Named<OverflowingRoute>[]): readonly ConfigIssue[] {
  return routes.flatMap(batchSizeRule);
}

function batchSizeRule({ name, part: route }: Named<OverflowingRoute>): readonly ConfigIssue[] {
  const maxBytes = route?.coalesce?.maxBytes ?? 0;
  if (route?.run?.overflow !== 'refuse' || maxBytes <= MAX_BATCH_BYTES_IN_PREFECT) return [];
  return [
    {
      code: 'batch-too-large',
      at: ['routes', name, 'coalesce', 'maxBytes'],
      anchor: 'value',
      found: `${Math.floor(maxBytes / 1024)}KiB, more than Prefect takes`,
      fix: 'write 500KiB or less, or run.overflow: s3, with which larger batches go to S3',
    },
  ];
}
