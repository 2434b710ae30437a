/** Effects of the claim protocol, and their results: a program yields one effect at a time and is resumed with its result. */
import type {
  Claim,
  ClaimMove,
  FindFlowRunResult,
  FlowRunResult,
  InsertResult,
  MoveResult,
  RecordedBatch,
  StoredFlowRunRecord,
} from '../ports.ts';
import type { WindowEffectResult, WindowEffect } from './window-effects.ts';
import type { Member } from '../routing/member.ts';

export type Effect =
  | { readonly kind: 'insert-claims'; readonly claims: readonly Claim[] }
  | { readonly kind: 'read-claims'; readonly claimKeys: readonly string[] }
  | { readonly kind: 'move-claims'; readonly moves: readonly ClaimMove[] }
  | { readonly kind: 'read-records'; readonly batchIds: readonly string[] }
  | { readonly kind: 'write-record'; readonly record: StoredFlowRunRecord }
  | CreateRunEffect
  | CreateDeadRunEffect
  | SupersedeBatchEffect
  | { readonly kind: 'find-run'; readonly batchId: string }
  | { readonly kind: 'resolve-deployment' }
  | WindowEffect;

/** Create a run under the batch's own key with these members, which may be fewer than it was formed of. */
export interface CreateRunEffect {
  readonly kind: 'create-run';
  readonly batchId: string;
  readonly deploymentRef: string;
  readonly members: readonly Member[];
}

/** Settle the batch's key with a run that never executes, so that no late request can run this member. */
export interface CreateDeadRunEffect {
  readonly kind: 'create-dead-run';
  readonly batchId: string;
  readonly deploymentRef: string;
  readonly member: Member;
  /** The stable code, and what it means for this batch. */
  readonly code: string;
  readonly reason: string;
}

/** Settle the batch's key with a run that never executes and holds no event, so that all of them may be claimed anew. */
export interface SupersedeBatchEffect {
  readonly kind: 'supersede-batch';
  readonly batchId: string;
  readonly deploymentRef: string;
}

export type EffectResult =
  | { readonly kind: 'insert-claims'; readonly results: readonly InsertResult[] }
  | { readonly kind: 'read-claims'; readonly claims: ReadonlyMap<string, Claim> }
  | { readonly kind: 'move-claims'; readonly results: readonly MoveResult[] }
  | { readonly kind: 'read-records'; readonly records: ReadonlyMap<string, RecordedBatch> }
  /** `isWritten` is false if the record may not be stored. */
  | { readonly kind: 'write-record'; readonly isWritten: boolean }
  | { readonly kind: 'create-run'; readonly result: FlowRunResult }
  | { readonly kind: 'create-dead-run'; readonly result: FlowRunResult }
  | { readonly kind: 'supersede-batch'; readonly result: FlowRunResult }
  | { readonly kind: 'find-run'; readonly result: FindFlowRunResult }
  | { readonly kind: 'resolve-deployment'; readonly result: CurrentDeployment }
  | WindowEffectResult;

/** The deployment that the route names now, asked of Prefect anew. */
export type CurrentDeployment =
  | { readonly kind: 'deployment'; readonly deploymentRef: string }
  | { readonly kind: 'not-found' }
  | Extract<FlowRunResult, { kind: 'unavailable' }>;

/** A computation that asks for effects and is resumed with their answers. */
export type Program<Result> = Generator<Effect, Result, EffectResult>;

export class EffectMismatchError extends Error {
  override readonly name = 'EffectMismatchError';

  constructor(asked: Effect['kind'], answered: EffectResult['kind']) {
    super(`asked for ${asked}, answered with ${answered}: the driver paired effects and results wrongly`);
  }
}

/** Asks for one effect and narrows the answer to its kind. */
export function* perform<Kind extends Effect['kind']>(
  effect: Extract<Effect, { kind: Kind }>,
): Program<Extract<EffectResult, { kind: Kind }>> {
  const result = yield effect;
  if (!isResultOf(effect.kind, result)) throw new EffectMismatchError(effect.kind, result.kind);
  return result;
}

function isResultOf<Kind extends Effect['kind']>(
  kind: Kind,
  result: EffectResult,
): result is Extract<EffectResult, { kind: Kind }> {
  return result.kind === kind;
}
