/** What routes must not say about batches that are too large for Prefect. */
import type { ConfigIssue } from './problem.ts';
import type { SoundRoute } from './sound-parts.ts';

/** Prefect takes parameters of 512KiB, in which event data is escaped. */
const MAX_BATCH_BYTES_IN_PREFECT = 500 * 1024;

export function overflowRules(routes: readonly SoundRoute[]): readonly ConfigIssue[] {
  return routes.flatMap(batchSizeRule);
}

function batchSizeRule({ name, maxBytes, overflow }: SoundRoute): readonly ConfigIssue[] {
  if (maxBytes === null || overflow !== 'refuse' || maxBytes <= MAX_BATCH_BYTES_IN_PREFECT) return [];
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
