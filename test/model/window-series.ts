/** The one line of windows that the model has, and which of its windows a run belongs to. */
import { partBatchId } from '../../lib/batching/batch-id.ts';
import { windowIdOf, windowSeriesOf } from '../../lib/windows/window.ts';

export const INSTALLATION = 'table';
export const OTHER_INSTALLATION = 'other-table';
export const SERIES = windowSeriesOf('r', 'model', '');

const DEPLOYMENTS = ['D1', 'D2', 'D3'];
const SEQUENCES = [0, 1, 2, 3, 4, 5];
const PARTS = [0, 1, 2, 3];

const SEQUENCE_OF_PART = new Map(
  DEPLOYMENTS.flatMap((deploymentRef) =>
    SEQUENCES.flatMap((sequence) =>
      PARTS.map(
        (part) =>
          [
            partBatchId(deploymentRef, INSTALLATION, windowIdOf({ series: SERIES, sequence }), part),
            sequence,
          ] as const,
      ),
    ),
  ),
);

/** The sequence of the window that a run was made of; null for a run of a batch. */
export function sequenceOfRun(batchId: string): number | null {
  return SEQUENCE_OF_PART.get(batchId) ?? null;
}
