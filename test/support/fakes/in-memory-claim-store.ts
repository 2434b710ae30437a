import type { Claim, ClaimMove, ClaimStore, InsertResult, MoveResult } from '../../../lib/ports.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';

export type ClaimOperation = 'insert' | 'read' | 'move';
export type ClaimFault = (operation: ClaimOperation, claimKey: string) => Fault;

/** Claims in a map; `fault` decides for each claim of each call what goes wrong. */
export class InMemoryClaimStore implements ClaimStore {
  readonly claims = new Map<string, Claim>();
  readonly #fault: ClaimFault;

  constructor(fault: ClaimFault = () => 'none') {
    this.#fault = fault;
  }

  async insertClaims(claims: readonly Claim[]): Promise<readonly InsertResult[]> {
    if (new Set(claims.map((claim) => claim.claimKey)).size !== claims.length) {
      throw new RangeError('Claim keys must be unique within a call.');
    }
    return claims.map((claim) => this.#insert(claim));
  }

  async readClaims(claimKeys: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    if (claimKeys.some((claimKey) => this.#fault('read', claimKey) !== 'none')) {
      throw new InjectedFaultError('readClaims');
    }
    return new Map(
      claimKeys.flatMap((claimKey) => {
        const claim = this.claims.get(claimKey);
        return claim === undefined ? [] : [[claimKey, claim] as const];
      }),
    );
  }

  async moveClaims(moves: readonly ClaimMove[]): Promise<readonly MoveResult[]> {
    if (new Set(moves.map((move) => move.claim.claimKey)).size !== moves.length) {
      throw new RangeError('Claim keys must be unique within a call.');
    }
    return moves.map((move) => this.#move(move));
  }

  /** What the table's TTL does, if it ever gets to it. */
  deleteExpired(nowEpochSeconds: number): void {
    for (const [claimKey, claim] of this.claims) {
      if (claim.expiresAtEpochSeconds < nowEpochSeconds) this.claims.delete(claimKey);
    }
  }

  #insert(claim: Claim): InsertResult {
    const fault = this.#write('insert', claim.claimKey);
    if (fault === 'lost-request') return 'indeterminate';
    const free = !this.claims.has(claim.claimKey);
    if (free) this.claims.set(claim.claimKey, claim);
    if (fault === 'lost-answer') return 'indeterminate';
    return free ? 'inserted' : 'exists';
  }

  #move({ claim, fromBatchId }: ClaimMove): MoveResult {
    const fault = this.#write('move', claim.claimKey);
    if (fault === 'lost-request') return 'indeterminate';
    const unchanged = this.claims.get(claim.claimKey)?.batchId === fromBatchId;
    if (unchanged) this.claims.set(claim.claimKey, claim);
    if (fault === 'lost-answer') return 'indeterminate';
    return unchanged ? 'moved' : 'changed';
  }

  #write(operation: ClaimOperation, claimKey: string): Exclude<Fault, 'broken'> {
    const fault = this.#fault(operation, claimKey);
    if (fault === 'broken') throw new InjectedFaultError(operation);
    return fault;
  }
}
