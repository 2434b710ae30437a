/** What the claim protocol asks of the world, one question at a time, and the world's answers. */
import type {
  Claim,
  ClaimMove,
  FindAnswer,
  FlowRunAnswer,
  InsertAnswer,
  MoveAnswer,
  SettledBatch,
  StoredBatchRecord,
} from '../ports.ts';
import type { WindowAnswer, WindowEffect } from './window-effects.ts';
import type { Member } from '../routing/member.ts';

export type Effect =
  | { readonly kind: 'insert-claims'; readonly claims: readonly Claim[] }
  | { readonly kind: 'read-claims'; readonly claimKeys: readonly string[] }
  | { readonly kind: 'move-claims'; readonly moves: readonly ClaimMove[] }
  | { readonly kind: 'read-records'; readonly batchIds: readonly string[] }
  | { readonly kind: 'write-record'; readonly record: StoredBatchRecord }
  | CreateRunEffect
  | CreateDeadRunEffect
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
  readonly reason: string;
}

export type Answer =
  | { readonly kind: 'insert-claims'; readonly answers: readonly InsertAnswer[] }
  | { readonly kind: 'read-claims'; readonly claims: ReadonlyMap<string, Claim> }
  | { readonly kind: 'move-claims'; readonly answers: readonly MoveAnswer[] }
  | { readonly kind: 'read-records'; readonly records: ReadonlyMap<string, SettledBatch> }
  | { readonly kind: 'write-record' }
  | { readonly kind: 'create-run'; readonly answer: FlowRunAnswer }
  | { readonly kind: 'create-dead-run'; readonly answer: FlowRunAnswer }
  | { readonly kind: 'find-run'; readonly answer: FindAnswer }
  | { readonly kind: 'resolve-deployment'; readonly answer: CurrentDeployment }
  | WindowAnswer;

/** The deployment that the route names now, asked of Prefect anew. */
export type CurrentDeployment =
  | { readonly kind: 'deployment'; readonly deploymentRef: string }
  | { readonly kind: 'not-found' }
  | Extract<FlowRunAnswer, { kind: 'unavailable' }>;

/** A computation that asks for effects and is resumed with their answers. */
export type Asking<Result> = Generator<Effect, Result, Answer>;

export class AnswerMismatchError extends Error {
  override readonly name = 'AnswerMismatchError';

  constructor(asked: Effect['kind'], answered: Answer['kind']) {
    super(`asked for ${asked}, answered with ${answered}: the driver paired effects and answers wrongly`);
  }
}

/** Asks for one effect and narrows the answer to its kind. */
export function* ask<Kind extends Effect['kind']>(
  effect: Extract<Effect, { kind: Kind }>,
): Asking<Extract<Answer, { kind: Kind }>> {
  const answer = yield effect;
  if (!answersTo(effect.kind, answer)) throw new AnswerMismatchError(effect.kind, answer.kind);
  return answer;
}

function answersTo<Kind extends Effect['kind']>(
  kind: Kind,
  answer: Answer,
): answer is Extract<Answer, { kind: Kind }> {
  return answer.kind === kind;
}
