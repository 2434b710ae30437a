/** Prefect in the model: runs, unique by key within a flow. */
import type { EffectResult, Effect } from '../../lib/protocol/effects.ts';
import type { FlowRunRecord } from '../../lib/ports.ts';
import { certain, type Result } from './result.ts';
import { POISON, type CreateRequest, type Run, type World } from './state.ts';

export type PrefectEffect = Extract<
  Effect,
  { kind: 'create-run' | 'create-dead-run' | 'supersede-batch' | 'find-run' | 'resolve-deployment' }
>;

/** Who asks: what a create renders, and which deployment its route names, depends on it. */
export interface Author {
  /** The version of the route that the worker has; null where the parameters are those of a window. */
  readonly routeVersion: string | null;
  readonly isElsewhere: boolean;
}

export function performOnPrefect(world: World, effect: PrefectEffect, author: Author): Result[] {
  switch (effect.kind) {
    case 'create-run':
    case 'create-dead-run':
    case 'supersede-batch':
      return createRun(world, effect, author);
    case 'find-run': {
      const run = world.runs.find(({ batchId, deleted }) => batchId === effect.batchId && !deleted);
      const result = run === undefined ? ({ kind: 'none' } as const) : runAnswer(run);
      return [certain(world, { kind: 'find-run', result }, 'looks for the run')];
    }
    case 'resolve-deployment': {
      const result = { kind: 'deployment', deploymentRef: namedDeployment(world, author) } as const;
      return [certain(world, { kind: 'resolve-deployment', result }, 'resolves the deployment')];
    }
  }
}

/** A worker of another version of the route asks for the deployment that this version names. */
function namedDeployment({ takes, deleted, deploymentRef }: World, { routeVersion }: Author): string {
  const own = Object.keys(takes).find((ref) => takes[ref] === routeVersion && !deleted.includes(ref));
  return own ?? deploymentRef;
}

type CreateEffect = Extract<Effect, { kind: 'create-run' | 'create-dead-run' | 'supersede-batch' }>;

function createRun(world: World, effect: CreateEffect, author: Author): Result[] {
  const request = requestOf(world, effect, author);
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

function requestOf(world: World, effect: CreateEffect, author: Author): CreateRequest {
  const { batchId, deploymentRef: flow } = effect;
  const dead = effect.kind !== 'create-run';
  const taken = world.takes[flow];
  const isForeign =
    !dead && author.routeVersion !== null && (taken ?? author.routeVersion) !== author.routeVersion;
  return {
    kind: 'create',
    flow,
    batchId,
    members: membersIn(effect),
    dead,
    ...(isForeign && { isForeign }),
    ...(author.isElsewhere && { isElsewhere: true }),
  };
}

function membersIn(effect: CreateEffect): string[] {
  switch (effect.kind) {
    case 'create-run':
      return effect.members.map(({ memberId }) => memberId);
    case 'create-dead-run':
      return [effect.member.memberId];
    case 'supersede-batch':
      return [];
  }
}

export function isRefused(world: World, request: CreateRequest): boolean {
  if (world.deleted.includes(request.flow)) return true;
  if (world.checksParameters && request.isForeign === true) return true;
  return world.refusing && !request.dead && request.members.includes(POISON);
}

/** Prefect's unique index: the first request under a key makes the run, all others get it. */
export function landRun(world: World, request: CreateRequest): { readonly world: World; readonly run: Run } {
  const { flow, batchId, members, dead, isForeign, isElsewhere } = request;
  const existing = world.runs.find((each) => each.flow === flow && each.batchId === batchId && !each.deleted);
  if (existing !== undefined) return { world, run: existing };
  const marks = { ...(isForeign && { isForeign }), ...(isElsewhere && { isElsewhere }) };
  const landed = { flow, batchId, members, dead, deleted: false, ...marks };
  return { world: { ...world, runs: [...world.runs, landed] }, run: landed };
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
