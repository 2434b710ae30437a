/**
 * A deployment's id inside a batch id: the 16 bytes of its UUID in base64url, 22 characters instead of 36.
 * Every claim stores a batch id, so the length is paid once per event.
 */

/** @throws {DeploymentIdError} unless `deploymentId` is a UUID as Prefect writes it. */
export function deploymentRefOfId(deploymentId: string): string {
  if (!/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(deploymentId)) {
    throw new DeploymentIdError(deploymentId, 'a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6');
  }
  return Buffer.from(deploymentId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The id in Prefect's spelling, lower case. @throws {DeploymentIdError} unless `deploymentRef` holds 16 bytes. */
export function deploymentIdOfRef(deploymentRef: string): string {
  const bytes = Buffer.from(deploymentRef, 'base64url');
  // Node decodes leniently: only the one spelling that encodes back to itself is taken.
  if (bytes.length !== 16 || bytes.toString('base64url') !== deploymentRef) {
    throw new DeploymentIdError(deploymentRef, '22 characters of base64url');
  }
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** An id that Prefect or a batch id gave us is not one. */
export class DeploymentIdError extends Error {
  override readonly name = 'DeploymentIdError';
  readonly found: string;

  constructor(found: string, expected: string) {
    super(`${JSON.stringify(found)} is not a deployment id: expected ${expected}`);
    this.found = found;
  }
}
