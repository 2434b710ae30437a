import { describe, expect, test } from 'vitest';
import { batchIdOf, deploymentIdOf, idempotencyKeyOf } from '../../../lib/prefect/idempotency-key.ts';

const batchId = 'P6hfZFcXRWKz_CyWP2avpg.47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

describe('an idempotency key', () => {
  test('is the scheme and the batch id, and gives the batch id back', () => {
    expect(idempotencyKeyOf(batchId)).toBe(`sluice1:${batchId}`);
    expect(batchIdOf(`sluice1:${batchId}`)).toBe(batchId);
  });

  test('of another tool is not read', () => {
    expect(() => batchIdOf('scheduled 1 2')).toThrow('is not a key of Sluice');
  });

  test('stays well below what a Postgres index row takes', () => {
    expect(idempotencyKeyOf(batchId).length).toBeLessThanOrEqual(128);
  });
});

describe('a batch id', () => {
  test('names the deployment that it was formed for', () => {
    expect(deploymentIdOf(batchId)).toBe('3fa85f64-5717-4562-b3fc-2c963f66afa6');
  });

  test('that names none is an error', () => {
    expect(() => deploymentIdOf('nothing')).toThrow('"nothing" is not a deployment id');
  });
});
