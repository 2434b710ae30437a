/** Mistakes in what comes into windows: claims, heads, timers, appends. */
import type { Edit } from './mutant.ts';
import type { Mutation } from './mutation.ts';
import type { WindowSettingName } from './window-settings.ts';

const NO_TIMER_FIRST: Edit = {
  file: 'protocol/append-to-window.ts',
  replace: `if (window === null && !(yield* setTimer(ref, context))) {`,
  by: `if (Date.now() < 0) {`,
};

export const APPEND_MUTATIONS: readonly Mutation<WindowSettingName>[] = [
  {
    id: 'W1',
    mistake: 'a chunk is named by its window, too',
    breaksUnder: 'lost answers and a crash',
    edits: [
      {
        file: 'protocol/append-to-window.ts',
        replace: `      batchId,
      members,
      keepUntil`,
        by: `      batchId: \`\${batchId}-\${sequence}\`,
      members,
      keepUntil`,
      },
    ],
  },
  {
    id: 'W4',
    mistake: 'a chunk comes into a window that is not open',
    breaksUnder: 'an event comes while its window is flushed',
    change: { behaviour: { appendIgnoresState: true } },
  },
  {
    id: 'W7',
    mistake: 'the timer is set after the append',
    breaksUnder: 'crashes',
    edits: [
      NO_TIMER_FIRST,
      {
        file: 'protocol/append-to-window.ts',
        replace: `        yield* closeIfFull(ref, window, members, context);`,
        by: `        if (window === null) yield* setTimer(ref, context);
        yield* closeIfFull(ref, window, members, context);`,
      },
    ],
  },
  {
    id: 'W8',
    mistake: 'no timer is set',
    breaksUnder: 'crashes',
    edits: [NO_TIMER_FIRST],
  },
  {
    id: 'W12',
    mistake: 'the head of an idle line expires, and sequences start again',
    breaksUnder: 'no faults',
    change: { behaviour: { idleHeadExpires: true } },
  },
  {
    id: 'W15',
    mistake: 'a window is given up without raising the head',
    breaksUnder: 'a timer that is early',
    change: { behaviour: { burnLeavesHead: true } },
  },
  {
    id: 'W16',
    mistake: 'the batch of a route that has no windows any more is claimed anew without being given up',
    breaksUnder: 'a route without windows, and a late request',
    edits: [
      {
        file: 'protocol/append-to-window.ts',
        replace: `  const { result } = yield* perform({ kind: 'abandon-batch', batchId });`,
        by: `  if (Date.now() > 0) return members;
  const { result } = yield* perform({ kind: 'abandon-batch', batchId });`,
      },
    ],
  },
  {
    id: 'W17',
    mistake: 'a batch that was claimed for a window is created as a run',
    breaksUnder: 'a route without windows, and a late request',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `if (destinationOf(batchId) === 'window') {`,
        by: `if (destinationOf(batchId) === 'window' && window !== null) {`,
      },
    ],
  },
  {
    id: 'W18',
    mistake: 'a batch that was claimed for a run goes into a window',
    breaksUnder: 'a route that gets windows, and a late request',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `if (destinationOf(batchId) === 'window') {`,
        by: `if (destinationOf(batchId) === 'window' || window !== null) {`,
      },
    ],
  },
  {
    id: 'W26',
    mistake: 'a claim that has expired counts as absent while its window is open',
    breaksUnder: 'a claim that has expired',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `const isSettled = record.kind === 'chunk' ? record.isClosed : true;`,
        by: `const isSettled = true;`,
      },
    ],
  },
  {
    id: 'W29',
    mistake: 'an append has no condition on the count of its window',
    breaksUnder: 'a window that is full',
    change: { behaviour: { appendIgnoresCaps: true } },
  },
  {
    id: 'W39',
    mistake: 'events come into the open window of another version of their route',
    breaksUnder: 'a route with other caps',
    edits: [
      {
        file: 'windows/window-rules.ts',
        replace: `if (!endsByClock(rules) && window.routeVersion !== routeVersion) return 'route-changed';`,
        by: `if (Date.now() < 0) return 'route-changed';`,
      },
    ],
  },
  {
    id: 'W30',
    mistake: 'an append without an answer is taken for a success',
    breaksUnder: 'lost requests and a crash',
    edits: [
      {
        file: 'protocol/append-to-window.ts',
        replace: `      case 'window-moved':
      case 'indeterminate':`,
        by: `      case 'window-moved':`,
      },
      {
        file: 'protocol/append-to-window.ts',
        replace: `      case 'appended':
`,
        by: `      case 'appended':
      case 'indeterminate':
`,
      },
    ],
  },
  {
    id: 'W31',
    mistake: 'a chunk that exists holds all events of its batch',
    breaksUnder: 'a batch whose owner died',
    edits: [
      {
        file: 'protocol/append-to-window.ts',
        replace: `      case 'chunk-exists':
        return yield* settleFromChunk(batchId, members, ledger);`,
        by: `      case 'chunk-exists':
        ledger.settleFrom(chunkRecord(batchId, ref, members), members, 'duplicate');
        return [];`,
      },
    ],
  },
  {
    id: 'W32',
    mistake: 'a window is opened for a delivery whose events are all in batches of others',
    breaksUnder: 'a batch whose owner died',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `there is nothing to create, and no window to open.
    if (members.length === 0) return;`,
        by: `there is nothing to create, and no window to open.`,
      },
    ],
  },
];
