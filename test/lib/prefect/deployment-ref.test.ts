import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deploymentIdOfRef, deploymentRefOfId } from '../../../lib/prefect/deployment-ref.ts';

describe('a deployment reference', () => {
  test('is 22 characters of base64url and gives the deployment id back', () => {
    fc.assert(
      fc.property(fc.uuid(), (deploymentId) => {
        const deploymentRef = deploymentRefOfId(deploymentId);
        expect(deploymentRef).toMatch(/^[\w-]{22}$/);
        expect(deploymentIdOfRef(deploymentRef)).toBe(deploymentId);
      }),
    );
  });

  test('does not depend on the case in which an id is written', () => {
    const deploymentId = '3FA85F64-5717-4562-B3FC-2C963F66AFA6';
    expect(deploymentRefOfId(deploymentId)).toBe(deploymentRefOfId(deploymentId.toLowerCase()));
  });

  test.each(['', 'prod', '3fa85f6457174562b3fc2c963f66afa6', '3fa85f64-5717-4562-b3fc-2c963f66afa6 '])(
    'is not made of %j',
    (deploymentId) => {
      expect(() => deploymentRefOfId(deploymentId)).toThrow(
        'is not a deployment id: expected a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6',
      );
    },
  );

  // The last one has bits set that belong to no byte.
  test.each(['', 'short', 'P6hfZFcXRWKz_CyWP2avpg==', 'P6hfZFcXRWKz/CyWP2avpg', 'P6hfZFcXRWKz_CyWP2avph'])(
    'is not %j',
    (deploymentRef) => {
      expect(() => deploymentIdOfRef(deploymentRef)).toThrow(
        'is not a deployment id: expected 22 characters of base64url',
      );
    },
  );
});
