/**
 * The world of the claim protocol, small enough to explore whole: a table, Prefect, a source that redelivers, and
 * workers that crash. State is immutable; a step is one effect of one worker, or one fault.
 */
import type { Answer, Effect } from '../../lib/idempotency/effect.ts';
import type { BatchRecord, Claim } from '../../lib/ports.ts';

export interface Run {
  /** The flow that it belongs to: keys are unique per flow. */
  readonly flow: string;
  readonly batchId: string;
  readonly members: readonly string[];
  readonly dead: boolean;
  readonly deleted: boolean;
}

/** A create request whose sender gave up (or died): the server may still act on it, much later. */
export interface LateRequest {
  readonly flow: string;
  readonly batchId: string;
  readonly members: readonly string[];
  readonly dead: boolean;
}

export interface World {
  readonly claims: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, { readonly members: readonly string[]; readonly dead: boolean }>>;
  readonly runs: readonly Run[];
  readonly late: readonly LateRequest[];
  readonly acknowledged: readonly string[];
  readonly deadLettered: readonly string[];
  readonly delivered: readonly string[];
  /** What the route's deployment is today. */
  readonly deploymentRef: string;
  /** Deployments that were deleted: 404 from then on, for late requests too. */
  readonly deleted: readonly string[];
  /** Whether Prefect refuses a batch that holds the poison event. */
  readonly refusing: boolean;
}

/** How many of each fault a run of the model may hold. */
export interface Faults {
  readonly crash: number;
  /** An effect happened, its answer is lost. */
  readonly lostAnswer: number;
  /** An effect did not happen, and the caller is told nothing. */
  readonly lostRequest: number;
  /** A create request that lands later, or never. */
  readonly lateRequest: number;
  /** The source delivers again although the first owner is still at work. */
  readonly impatience: number;
  readonly runDeleted: number;
  readonly recordVanished: number;
  readonly schemaChanged: number;
  readonly deploymentChanged: number;
  /** The route's deployment is deleted and made anew, in another flow. */
  readonly deploymentDeleted: number;
}

export const NO_FAULTS: Faults = {
  crash: 0,
  lostAnswer: 0,
  lostRequest: 0,
  lateRequest: 0,
  impatience: 0,
  runDeleted: 0,
  recordVanished: 0,
  schemaChanged: 0,
  deploymentChanged: 0,
  deploymentDeleted: 0,
};

export const EMPTY_WORLD: World = {
  claims: {},
  records: {},
  runs: [],
  late: [],
  acknowledged: [],
  deadLettered: [],
  delivered: [],
  deploymentRef: 'D1',
  deleted: [],
  refusing: true,
};

export const POISON = 'p';

/** What can come of one effect: the world after it, the answer, and the fault that it took. */
export interface Result {
  readonly world: World;
  readonly answer: Answer;
  readonly fault: keyof Faults | null;
  readonly label: string;
}

/** The store's own promises, which two of the mutations break. */
export interface StoreBehaviour {
  readonly insertOverwrites: boolean;
  readonly moveIsUnconditional: boolean;
}

export const HONEST_STORE: StoreBehaviour = { insertOverwrites: false, moveIsUnconditional: false };

/** All that can come of one effect. */
export function perform(world: World, effect: Effect, store: StoreBehaviour): Result[] {
  switch (effect.kind) {
    case 'insert-claims':
      return writeClaims(world, effect.claims, (current) => store.insertOverwrites || current === undefined, {
        done: 'inserted',
        not: 'exists',
        answer: (answers) => ({ kind: 'insert-claims', answers }),
      });
    case 'move-claims': {
      const from = new Map(effect.moves.map((move) => [move.claim.claimKey, move.fromBatchId]));
      const mayMove = (current: string | undefined, claimKey: string): boolean =>
        store.moveIsUnconditional || current === from.get(claimKey);
      const claims = effect.moves.map((move) => move.claim);
      return writeClaims(world, claims, mayMove, {
        done: 'moved',
        not: 'changed',
        answer: (answers) => ({ kind: 'move-claims', answers }),
      });
    }
    case 'read-claims':
      return readClaims(world, effect.claimKeys);
    case 'read-records': {
      const records = new Map<string, BatchRecord>();
      for (const batchId of effect.batchIds) {
        const record = world.records[batchId];
        if (record !== undefined) records.set(batchId, toRecord(batchId, record.members, record.dead));
      }
      return [{ world, answer: { kind: 'read-records', records }, fault: null, label: 'read records' }];
    }
    case 'write-record': {
      const { batchId, members, deadCode } = effect.record;
      const record = world.records[batchId] ?? { members, dead: deadCode !== null };
      const written = { ...world, records: { ...world.records, [batchId]: record } };
      const answer: Answer = { kind: 'write-record' };
      return [
        { world: written, answer, fault: null, label: 'write record' },
        { world, answer, fault: 'lostRequest', label: 'write record, lost' },
      ];
    }
    case 'create-run':
    case 'create-dead-run':
      return createRun(world, effect);
    case 'find-run': {
      const run = world.runs.find(({ batchId, deleted }) => batchId === effect.batchId && !deleted);
      return [
        {
          world,
          answer: { kind: 'find-run', answer: run === undefined ? { kind: 'none' } : runAnswer(run) },
          fault: null,
          label: 'find run',
        },
      ];
    }
    case 'resolve-deployment':
      return [
        {
          world,
          answer: {
            kind: 'resolve-deployment',
            answer: { kind: 'deployment', deploymentRef: world.deploymentRef },
          },
          fault: null,
          label: 'resolve deployment',
        },
      ];
    default:
      throw new Error(`${effect.kind} is no effect of a batch that goes straight to a run`);
  }
}

interface ClaimWriting<Word extends string> {
  readonly done: Word;
  readonly not: Word;
  readonly answer: (answers: (Word | 'unclear')[]) => Answer;
}

/** Each item has its own answer; at most one of them is unclear, with or without its effect. */
function writeClaims<Word extends string>(
  world: World,
  claims: readonly Claim[],
  mayWrite: (current: string | undefined, claimKey: string) => boolean,
  words: ClaimWriting<Word>,
): Result[] {
  const write = (unclearIndex: number, unclearHappens: boolean): Pick<Result, 'world' | 'answer'> => {
    const after = { ...world.claims };
    const answers = claims.map(({ claimKey, batchId }, index) => {
      const may = mayWrite(after[claimKey], claimKey);
      if (may && (index !== unclearIndex || unclearHappens)) after[claimKey] = batchId;
      if (index === unclearIndex) return 'unclear';
      return may ? words.done : words.not;
    });
    return { world: { ...world, claims: after }, answer: words.answer(answers) };
  };
  const each = claims.map((_, index) => index);
  return [
    { ...write(-1, false), fault: null, label: words.done },
    ...each.map((i) => ({
      ...write(i, true),
      fault: 'lostAnswer' as const,
      label: `${words.done}, answer lost`,
    })),
    ...each.map((i) => ({
      ...write(i, false),
      fault: 'lostRequest' as const,
      label: `${words.done}, not done`,
    })),
  ];
}

/** A lease may be alive or over whenever it is looked at: no clock is trusted. */
function readClaims(world: World, claimKeys: readonly string[]): Result[] {
  const read = (leaseUntilEpochSeconds: number): Answer => {
    const claims = new Map<string, Claim>();
    for (const claimKey of claimKeys) {
      const batchId = world.claims[claimKey];
      if (batchId === undefined) continue;
      claims.set(claimKey, { claimKey, batchId, leaseUntilEpochSeconds, expiresAtEpochSeconds: 1_000 });
    }
    return { kind: 'read-claims', claims };
  };
  return [
    { world, answer: read(0), fault: null, label: 'read claims, lease over' },
    { world, answer: read(1_000), fault: null, label: 'read claims, lease alive' },
  ];
}

type CreateEffect = Extract<Effect, { kind: 'create-run' | 'create-dead-run' }>;

function createRun(world: World, effect: CreateEffect): Result[] {
  const request = requestOf(effect);
  const answer = (flowRunAnswer: Extract<Answer, { kind: 'create-run' }>['answer']): Answer => ({
    kind: effect.kind,
    answer: flowRunAnswer,
  });
  const nothing = answer({ kind: 'unavailable', status: 0, detail: '', retryAfterMs: null });
  const words = `create ${request.dead ? 'dead run' : 'run'} {${request.members.join()}}`;
  const failures: Result[] = [
    { world, answer: nothing, fault: 'lostRequest', label: `${words}, not done` },
    {
      world: { ...world, late: [...world.late, request] },
      answer: nothing,
      fault: 'lateRequest',
      label: `${words}, late`,
    },
  ];
  if (world.deleted.includes(request.flow)) {
    const gone = answer({ kind: 'deployment-gone' });
    return [{ world, answer: gone, fault: null, label: `${words}, deployment gone` }];
  }
  if (isRefused(world, request)) {
    const refused = answer({ kind: 'refused', status: 409, detail: 'refused' });
    return [{ world, answer: refused, fault: null, label: `${words}, refused` }, ...failures];
  }
  const { world: after, run } = land(world, request);
  return [
    { world: after, answer: answer(runAnswer(run)), fault: null, label: words },
    { world: after, answer: nothing, fault: 'lostAnswer', label: `${words}, answer lost` },
    ...failures,
  ];
}

function requestOf(effect: CreateEffect): LateRequest {
  const { batchId, deploymentRef: flow } = effect;
  return effect.kind === 'create-dead-run'
    ? { flow, batchId, members: [effect.member.memberId], dead: true }
    : { flow, batchId, members: effect.members.map(({ memberId }) => memberId), dead: false };
}

export function isRefused(world: World, request: LateRequest): boolean {
  if (world.deleted.includes(request.flow)) return true;
  return world.refusing && !request.dead && request.members.includes(POISON);
}

/** Prefect's unique index: the first request under a key makes the run, all others get it. */
export function land(world: World, request: LateRequest): { readonly world: World; readonly run: Run } {
  const existing = world.runs.find(
    ({ flow, batchId, deleted }) => flow === request.flow && batchId === request.batchId && !deleted,
  );
  if (existing !== undefined) return { world, run: existing };
  const run = { ...request, deleted: false };
  return { world: { ...world, runs: [...world.runs, run] }, run };
}

function runAnswer(run: Run): { readonly kind: 'run'; readonly record: BatchRecord } {
  return { kind: 'run', record: toRecord(run.batchId, run.members, run.dead) };
}

function toRecord(batchId: string, members: readonly string[], dead: boolean): BatchRecord {
  return { batchId, flowRunId: `run-${batchId}`, members, deadCode: dead ? 'refused' : null };
}
