/** Prefect in the model: runs, unique by key within a flow. */
import type { EffectResult, Effect } from '../../lib/protocol/effects.ts';
import type { FlowRunRecord } from '../../lib/ports.ts';
import { certain, type Result } from './result.ts';
import { POISON, type CreateRequest, type Run, type World } from './state.ts';

export type PrefectEffect = Extract<
  Effect,
  { kind: 'create-run' | 'create-dead-run' | 'find-run' | 'resolve-deployment' }
>;

export function performOnPrefect(world: World, effect: PrefectEffect): Result[] {
  switch (effect.kind) {
    case 'create-run':
    case 'create-dead-run':
      return createRun(world, effect);
    case 'find-run': {
      const run = world.runs.find(({ batchId, deleted }) => batchId === effect.batchId && !deleted);
      const result = run === undefined ? ({ kind: 'none' } as const) : runAnswer(run);
      return [certain(world, { kind: 'find-run', result }, 'looks for the run')];
    }
    case 'resolve-deployment': {
      const result = { kind: 'deployment', deploymentRef: world.deploymentRef } as const;
      return [certain(world, { kind: 'resolve-deployment', result }, 'resolves the deployment')];
    }
  }
}

type CreateEffect = Extract<Effect, { kind: 'create-run' | 'create-dead-run' }>;

function createRun(world: World, effect: CreateEffect): Result[] {
  const request = requestOf(effect);
  const result = (flowRunAnswer: Extract<EffectResult, { kind: 'create-run' }>['result']): EffectResult => ({
    kind: effect.kind,
    result: flowRunAnswer,
  });
  const nothing = result({ kind: 'unavailable', status: 0, detail: '', retryAfterMs: null });
  const words = `creates a ${request.dead ? 'dead ' : ''}run {${request.members.join()}}`;
  const late = { ...world, late: [...world.late, request] };
  const failures: Result[] = [
    { world, result: nothing, fault: 'lostRequest', label: `${words}, not done` },
    { world: late, result: nothing, fault: 'lateRequest', label: `${words}, late` },
  ];
  if (world.deleted.includes(request.flow)) {
    return [certain(world, result({ kind: 'deployment-gone' }), `${words}, deployment gone`)];
  }
  if (isRefused(world, request)) {
    const refused = result({ kind: 'refused', status: 409, detail: 'refused' });
    return [certain(world, refused, `${words}, refused`), ...failures];
  }
  const { world: after, run } = landRun(world, request);
  return [
    certain(after, result(runAnswer(run)), words),
    { world: after, result: nothing, fault: 'lostAnswer', label: `${words}, result lost` },
    ...failures,
  ];
}

function requestOf(effect: CreateEffect): CreateRequest {
  const { batchId, deploymentRef: flow } = effect;
  const [members, dead] =
    effect.kind === 'create-dead-run'
      ? [[effect.member.memberId], true]
      : [effect.members.map(({ memberId }) => memberId), false];
  return { kind: 'create', flow, batchId, members, dead };
}

export function isRefused(world: World, request: CreateRequest): boolean {
  if (world.deleted.includes(request.flow)) return true;
  return world.refusing && !request.dead && request.members.includes(POISON);
}

/** Prefect's unique index: the first request under a key makes the run, all others get it. */
export function landRun(world: World, request: CreateRequest): { readonly world: World; readonly run: Run } {
  const { flow, batchId, members, dead } = request;
  const existing = world.runs.find((run) => run.flow === flow && run.batchId === batchId && !run.deleted);
  if (existing !== undefined) return { world, run: existing };
  const run = { flow, batchId, members, dead, deleted: false };
  return { world: { ...world, runs: [...world.runs, run] }, run };
}

function runAnswer(run: Run): { readonly kind: 'run'; readonly record: FlowRunRecord } {
  return { kind: 'run', record: toRecord(run.batchId, run.members, run.dead) };
}

export function toRecord(batchId: string, members: readonly string[], dead: boolean): FlowRunRecord {
  return {
    kind: 'flow-run',
    batchId,
    flowRunId: `run-${batchId}`,
    members,
    deadCode: dead ? 'refused' : null,
  };
}
