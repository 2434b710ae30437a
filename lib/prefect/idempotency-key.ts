/**
 * Prefect's idempotency key of a batch. Prefect keeps a unique index over (flow, key) for as long as the run
 * exists, whatever its state (`uq_flow_run__flow_id_idempotency_key`), and that index is the judge of every
 * race between two creates of one batch. The key is computed from the batch id alone, which never changes.
 */
import { deploymentIdOfRef } from './deployment-ref.ts';

/** The number is that of the scheme: a scheme that changes gets keys of its own. */
const PREFIX = 'sluice1:';

export function idempotencyKeyOf(batchId: string): string {
  return `${PREFIX}${batchId}`;
}

/** @throws {ForeignKeyError} for a key that is not Sluice's. */
export function batchIdOf(idempotencyKey: string): string {
  if (!idempotencyKey.startsWith(PREFIX)) throw new ForeignKeyError(idempotencyKey);
  return idempotencyKey.slice(PREFIX.length);
}

/**
 * The deployment that the batch was formed for, whatever the configuration says today, as the UUID that Prefect's
 * paths take. Batch ids are `<deployment reference>.<hash>`.
 * @throws {DeploymentIdError}
 */
export function deploymentIdOf(batchId: string): string {
  const [deploymentRef = ''] = batchId.split('.', 1);
  return deploymentIdOfRef(deploymentRef);
}

/** A run was to be read under a key that no batch of ours has. */
export class ForeignKeyError extends Error {
  override readonly name = 'ForeignKeyError';
  readonly idempotencyKey: string;

  constructor(idempotencyKey: string) {
    super(`${JSON.stringify(idempotencyKey)} is not a key of Sluice: it does not start with ${PREFIX}`);
    this.idempotencyKey = idempotencyKey;
  }
}
