import { hash } from 'node:crypto';
import type { Claim, StoredFlowRunRecord } from '../../../lib/ports.ts';

/** A batch id as long as they get: a deployment id and a SHA-256, both in base64url. */
export function sampleBatchId(seed: string): string {
  return `${hash('md5', seed, 'base64url')}.${hash('sha256', seed, 'base64url')}`;
}

export function sampleClaim(event: string, batch = 'batch', route = 'process-orders'): Claim {
  return {
    claimKey: `C#${route}#${hash('sha256', event, 'base64url')}`,
    batchId: sampleBatchId(batch),
    leaseUntilEpochSeconds: 1_800_000_060,
    expiresAtEpochSeconds: 1_801_296_000,
  };
}

export function sampleClaims(count: number, batch = 'batch', prefix = 'event'): Claim[] {
  return Array.from({ length: count }, (_, index) => sampleClaim(`${prefix} ${index}`, batch));
}

export function sampleMembers(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    hash('sha256', `member ${index}`, 'buffer').subarray(0, 8).toString('base64url'),
  );
}

export function sampleRecord(batch: string, changes: Partial<StoredFlowRunRecord> = {}): StoredFlowRunRecord {
  return {
    kind: 'flow-run',
    batchId: sampleBatchId(batch),
    flowRunId: '0199d3a2-0b1f-7c3e-8d60-4a5b6c7d8e9f',
    members: sampleMembers(3),
    deadCode: null,
    expiresAtEpochSeconds: 1_801_382_400,
    ...changes,
  };
}
