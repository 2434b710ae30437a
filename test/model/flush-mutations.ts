/** Mistakes in what becomes of windows: sealing, reading, runs, closing, the sweep. */
import type { Edit } from './mutant.ts';
import type { Mutation } from './mutation.ts';
import type { WindowSettingName } from './window-settings.ts';

export const NO_SPLIT: Edit = {
  file: 'protocol/flush-window.ts',
  replace: `return overshoots === -1 ? members.length : overshoots;`,
  by: `return members.length;`,
};

export const FLUSH_MUTATIONS: readonly Mutation<WindowSettingName>[] = [
  {
    id: 'W2',
    mistake: 'a window is flushed without being sealed',
    breaksUnder: 'an event comes while its window is flushed',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `if (window !== undefined && open.length === 0 && wasThere) {`,
        by: `if (window !== undefined) {`,
      },
    ],
  },
  {
    id: 'W3',
    mistake: 'what a window holds is read before it is sealed',
    breaksUnder: 'an event comes while its window is flushed',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `      holdsLease ||= isOwn && result === 'sealed';
    }`,
        by: `      holdsLease ||= isOwn && result === 'sealed';
    }
    if (window !== undefined) return yield* readSealed(window, panes, route);`,
      },
    ],
  },
  {
    id: 'W5',
    mistake: 'chunks are read with eventual consistency, and one that is missing is not missed',
    breaksUnder: 'a window that two flush',
    change: { behaviour: { chunkReadsAreStale: true } },
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `if (missing !== undefined) return`,
        by: `if (missing === '') return`,
      },
    ],
  },
  {
    id: 'W6',
    mistake: 'the message of a timer is deleted before the flush is done',
    breaksUnder: 'crashes',
    change: { behaviour: { timerEndsBeforeFlush: true } },
  },
  {
    id: 'W9',
    mistake: 'timers can be lost, and there is no sweep',
    breaksUnder: 'a timer that is lost, and the sweep',
    change: { hasSweep: false },
  },
  {
    id: 'W10',
    mistake: 'the timer of a window that is not there yet is dropped without giving the window up',
    breaksUnder: 'a timer that is early',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `    if (window === undefined) yield* perform({ kind: 'skip-sequence', ref, routeVersion: route.version });`,
        by: `    if (window === undefined) return { kind: 'done' };`,
      },
    ],
  },
  {
    id: 'W11',
    mistake: 'chunks expire before the flush is done',
    breaksUnder: 'a window that two flush',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `  const ledger = new SettlementLedger();
`,
        by: `  const ledger = new SettlementLedger();
  yield* perform({ kind: 'expire-chunks', window: sealed.window, expiresAtEpochSeconds: 1 });
`,
      },
    ],
  },
  {
    id: 'W13',
    mistake: "a window is flushed to today's deployment",
    breaksUnder: 'a route that gets another deployment',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `    const batchId = partBatchId(deploymentRef, context.installation, windowIdOf(window), part);`,
        by: `    const { result } = yield* perform({ kind: 'resolve-deployment' });
    const today = result.kind === 'deployment' ? result.deploymentRef : deploymentRef;
    const batchId = partBatchId(today, context.installation, windowIdOf(window), part);`,
      },
    ],
  },
  {
    id: 'W14',
    mistake: 'who is in the run of a window is inferred from what was sent',
    breaksUnder: 'a poison event',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `const excluded = new Set(left.members.map(({ claimKey }) => claimKey));`,
        by: `const excluded = new Set<string>();`,
      },
    ],
  },
  {
    id: 'W19',
    mistake: 'another deployment holds for all parts of a window, also for those that have runs',
    breaksUnder: 'a deployment that is deleted and made anew',
    edits: [{ file: 'protocol/flush-window.ts', replace: `      fromPart: part,`, by: `      fromPart: 0,` }],
  },
  {
    id: 'W20',
    mistake: 'that a window goes to another deployment is not noted first',
    breaksUnder: 'two deployments that are deleted',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `  const { result } = yield* perform({ kind: 'redirect-window', ref, from, to });`,
        by: `  const result = 'moved' as string;`,
      },
    ],
  },
  {
    id: 'W21',
    mistake: 'a window goes to another deployment, whichever worker has moved it meanwhile',
    breaksUnder: 'two deployments that are deleted',
    change: { behaviour: { redirectIsUnconditional: true } },
  },
  {
    id: 'W22',
    mistake: 'dead letters are sent after the window is marked as flushed',
    breaksUnder: 'a poison event',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `    (yield* sendDeadLetters(sealed.members, ledger)) ??
    (yield* finish(sealed, context, runIdsOf(ledger)));`,
        by: `    (yield* finish(sealed, context, runIdsOf(ledger))) ??
    (yield* sendDeadLetters(sealed.members, ledger));`,
      },
    ],
  },
  {
    id: 'W23',
    mistake: 'the timer of the next overlapping window is not set',
    breaksUnder: 'overlapping windows',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `  if (goesOn) {`,
        by: `  if (goesOn && Date.now() < 0) {`,
      },
    ],
  },
  {
    id: 'W24',
    mistake: 'the time when a window is due is compared the wrong way round',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `dueEpochMs > context.nowEpochMs`,
        by: `dueEpochMs < context.nowEpochMs`,
      },
    ],
  },
  {
    id: 'W25',
    mistake: 'a timer that is early is not set again',
    breaksUnder: 'any clock',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `return (yield* sendTimer(ref, dueEpochMs, route.version))`,
        by: `return Date.now() > 0`,
      },
    ],
  },
  {
    id: 'W27',
    mistake: 'chunks expire although an earlier overlapping window has to be flushed',
    breaksUnder: 'overlapping windows',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `covering.every((sequence) => done.has(sequence))`,
        by: `done.has(last)`,
      },
    ],
  },
  {
    id: 'W28',
    mistake: 'a window is marked as flushed before its runs exist',
    breaksUnder: 'a window that two flush',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `  const ledger = new SettlementLedger();
`,
        by: `  const ledger = new SettlementLedger();
  yield* perform({ kind: 'mark-flushed', ref: sealed.window, flowRunIds: [] });
`,
      },
    ],
  },
  {
    id: 'W33',
    mistake: 'the sweep looks only at windows that were opened',
    breaksUnder: 'overlapping windows, a lost timer and the sweep',
    edits: [
      {
        file: 'reconcile/window-sweep.ts',
        replace: `const windows = count === 0 ? 1 : rules.panes;`,
        by: `const windows = 1;`,
      },
    ],
  },
  {
    id: 'W34',
    mistake: 'a part of a window goes on without reading its record',
    breaksUnder: 'a run deleted after its record',
    edits: [
      {
        file: 'protocol/flush-window.ts',
        replace: `  const record = records.get(batchId);
  if (record !== undefined) {`,
        by: `  const record = records.get(batchId);
  if (record !== undefined && Date.now() < 0) {`,
      },
    ],
  },
  {
    id: 'W35',
    mistake: 'overlapping windows are not split at the caps of a run',
    breaksUnder: 'overlapping windows of one event',
    edits: [NO_SPLIT],
  },
  {
    id: 'W36',
    mistake: 'one read of overlapping windows is taken for one moment',
    breaksUnder: 'overlapping windows',
    edits: [
      { file: 'protocol/seal-window.ts', replace: `open.length === 0 && wasThere`, by: `open.length === 0` },
    ],
  },
  {
    id: 'W38',
    mistake: 'a window is sealed in any state',
    breaksUnder: 'overlapping windows',
    change: { behaviour: { sealIgnoresState: true } },
  },
  {
    id: 'W37',
    mistake: 'a window is flushed under the route version of the message that asks for it',
    breaksUnder: 'a timer of another version of the route',
    edits: [
      {
        file: 'protocol/seal-window.ts',
        replace: `if (window !== undefined && window.routeVersion !== route?.version) {`,
        by: `if (window !== undefined && route === null) {`,
      },
    ],
  },
];
