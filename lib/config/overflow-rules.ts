/** What routes must not say about batches that are too large for Prefect. */
import type { Finding } from './problem.ts';
import type { SoundRoute } from './sound-parts.ts';

/** Prefect takes parameters of 512KiB, in which event data is escaped. */
const MAX_BATCH_BYTES_IN_PREFECT = 500 * 1024;

export function overflowRules(routes: readonly SoundRoute[]): readonly Finding[] {
  return [...routes.flatMap(batchSizeRule), ...mixedOverflowRule(routes)];
}

function batchSizeRule({ name, maxBytes, overflow }: SoundRoute): readonly Finding[] {
  if (maxBytes === null || overflow !== 'refuse' || maxBytes <= MAX_BATCH_BYTES_IN_PREFECT) return [];
  return [
    {
      code: 'batch-too-large',
      at: ['routes', name, 'coalesce', 'maxBytes'],
      anchor: 'value',
      found: `${Math.floor(maxBytes / 1024)}KiB, more than Prefect takes`,
      mend: 'write 500KiB or less, or run.overflow: s3, with which larger batches go to S3',
    },
  ];
}

/**
 * On a route with `overflow: s3` no event can pass for a reference, since Sluice puts what looks like one into S3
 * itself. On other routes nothing keeps a sender from naming an object that the flow can read.
 */
function mixedOverflowRule(routes: readonly SoundRoute[]): readonly Finding[] {
  return routes.flatMap(({ name, deployment, overflow }): Finding[] => {
    if (deployment === null || overflow !== 'refuse') return [];
    const other = routes.find((each) => each.deployment === deployment && each.overflow === 's3');
    if (other === undefined) return [];
    return [
      {
        code: 'mixed-overflow',
        at: ['routes', name, 'run'],
        anchor: 'key',
        found: `no overflow: s3, and route ${other.name} has it for the same deployment`,
        mend: 'write overflow: s3 here as well',
      },
    ];
  });
}
