/**
 * Runs many settlements at once, in rounds: every settlement is asked for its next effect, all effects are performed
 * together, all answers are handed back. Effects of one kind share requests this way (25 claims each), across
 * batches and routes.
 *
 *   round 1   insert claims of all batches        one request per 25 claims
 *   round 2   create all runs                     one request per run
 *   round 3   write all records                   one request per 25 records
 */
import type { EffectResult, Program, Effect } from '../protocol/effects.ts';

export interface PendingEffect<Subject> {
  readonly subject: Subject;
  readonly effect: Effect;
}

/** Return one result for each effect; an Error for one that failed unexpectedly. */
export type RunEffects<Subject> = (
  asked: readonly PendingEffect<Subject>[],
) => Promise<readonly (EffectResult | Error)[]>;

export type RunResult<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Abandoned where it stood, which the protocol bears like a crash. */
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'timed-out' };

interface Running<Subject, Result> {
  readonly index: number;
  readonly subject: Subject;
  readonly asking: Program<Result>;
  readonly effect: Effect;
}

/** Endings in the order of the subjects. `shouldContinue` is asked before every round. */
export async function runInRounds<Subject, Result>(
  subjects: readonly Subject[],
  start: (subject: Subject) => Program<Result>,
  runEffects: RunEffects<Subject>,
  shouldContinue: () => boolean,
): Promise<readonly RunResult<Result>[]> {
  const endings = new Map<number, RunResult<Result>>();
  let running: Running<Subject, Result>[] = [];
  const advance = (
    { index, subject, asking }: Omit<Running<Subject, Result>, 'effect'>,
    step: IteratorResult<Effect, Result>,
  ): void => {
    if (step.done === true) endings.set(index, { kind: 'done', result: step.value });
    else running.push({ index, subject, asking, effect: step.value });
  };

  for (const [index, subject] of subjects.entries()) {
    const asking = start(subject);
    advance({ index, subject, asking }, asking.next());
  }
  while (running.length > 0 && shouldContinue()) {
    const asked = running;
    running = [];
    const results = await runEffects(asked);
    for (const [position, each] of asked.entries()) {
      const result = results[position] ?? new Error(`${each.effect.kind} got no result`);
      if (result instanceof Error) endings.set(each.index, { kind: 'failed', error: result });
      else advance(each, each.asking.next(result));
    }
  }
  return subjects.map((_, index) => endings.get(index) ?? { kind: 'timed-out' });
}
