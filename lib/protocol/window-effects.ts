/** Effects of the window protocol: what it asks of the world, one request at a time (see `effects.ts`). */
import type { Member } from '../routing/member.ts';
import type {
  AbandonResult,
  AppendResult,
  LatestWindow,
  LeaseResult,
  ListedWindow,
  MarkResult,
  RedirectResult,
  SealResult,
  SkipResult,
  WindowAppend,
  WindowTimer,
} from '../windows/window-ports.ts';
import type { WindowRules } from '../windows/window-rules.ts';
import type { FlushReason, PartDeployment, Window, WindowRef, WindowSeries } from '../windows/window.ts';

/** Effects of an append. */
export type AppendEffect =
  | { readonly kind: 'read-latest-window'; readonly series: WindowSeries }
  | AppendChunkEffect
  | SealWindowEffect
  | { readonly kind: 'send-timer'; readonly timer: WindowTimer }
  /** Make sure that this batch is never added to a window. */
  | { readonly kind: 'abandon-batch'; readonly batchId: string };

/** The executor makes the chunk of the members. */
export interface AppendChunkEffect extends Omit<WindowAppend, 'chunk'> {
  readonly kind: 'append-chunk';
  readonly batchId: string;
  readonly members: readonly Member[];
}

export interface SealWindowEffect {
  readonly kind: 'seal-window';
  readonly ref: WindowRef;
  readonly reason: FlushReason;
  /** Set by an invocation that flushes the window as well; null by one that only closes it. */
  readonly flushLeaseEpochMs: number | null;
}

/** Effects of a flush, beside the creation of runs. */
export type FlushEffect =
  /** Sent before the window is marked as flushed: after that no other flush would send them. */
  | { readonly kind: 'send-dead-letters'; readonly dead: readonly DeadMember[] }
  | { readonly kind: 'read-windows'; readonly refs: readonly WindowRef[] }
  | { readonly kind: 'read-route-version'; readonly version: string }
  | { readonly kind: 'read-chunks'; readonly windows: readonly ListedWindow[] }
  | { readonly kind: 'skip-sequence'; readonly ref: WindowRef; readonly routeVersion: string }
  | {
      readonly kind: 'lease-flush';
      readonly ref: WindowRef;
      readonly readEpochMs: number | null;
      readonly untilEpochMs: number;
    }
  | {
      readonly kind: 'redirect-window';
      readonly ref: WindowRef;
      readonly from: readonly PartDeployment[];
      readonly to: PartDeployment;
    }
  | { readonly kind: 'mark-flushed'; readonly ref: WindowRef; readonly flowRunIds: readonly string[] }
  | {
      readonly kind: 'expire-chunks';
      readonly window: ListedWindow;
      readonly expiresAtEpochSeconds: number;
    }
  | { readonly kind: 'close-window'; readonly ref: WindowRef; readonly expiresAtEpochSeconds: number };

export interface DeadMember {
  readonly member: Member;
  readonly batchId: string;
  readonly flowRunId: string;
  /** The code of the dead run, as its label has it. */
  readonly deadCode: string;
  readonly reason: string;
}

export type WindowEffect = AppendEffect | FlushEffect;

export type WindowEffectResult =
  | { readonly kind: 'read-latest-window'; readonly latest: LatestWindow }
  | { readonly kind: 'append-chunk'; readonly result: AppendResult }
  | { readonly kind: 'seal-window'; readonly result: SealResult }
  | { readonly kind: 'send-timer'; readonly isStored: boolean }
  | { readonly kind: 'abandon-batch'; readonly result: AbandonResult }
  | { readonly kind: 'send-dead-letters'; readonly areStored: boolean }
  | { readonly kind: 'read-windows'; readonly windows: ReadonlyMap<string, Window> }
  /** Null: this version of Sluice cannot read the route, or it is not there. */
  | { readonly kind: 'read-route-version'; readonly route: WindowRoute | null }
  | ReadChunksResult
  | { readonly kind: 'skip-sequence'; readonly result: SkipResult }
  | { readonly kind: 'lease-flush'; readonly result: LeaseResult }
  | { readonly kind: 'redirect-window'; readonly result: RedirectResult }
  | { readonly kind: 'mark-flushed'; readonly result: MarkResult }
  | { readonly kind: 'expire-chunks' }
  | { readonly kind: 'close-window' };

export interface ReadChunksResult {
  readonly kind: 'read-chunks';
  /** All that the windows list. */
  readonly batchIds: readonly string[];
  readonly chunks: ReadonlyMap<string, ChunkMembers>;
}

/** The route that a window was opened under, as far as decisions need it. */
export interface WindowRoute {
  readonly version: string;
  readonly rules: WindowRules;
  /** False when the route is not deployed as it was any more: its windows wait for nothing then. */
  readonly isDeployed: boolean;
  /** How long claims of the route are kept. */
  readonly retentionSeconds: number;
}

/** A chunk, as far as decisions need it. */
export interface ChunkMembers {
  readonly appendedAtEpochMs: number;
  readonly members: readonly SizedMember[];
}

export interface SizedMember extends Member {
  /** Size of the event, as `maxBytes` counts it. */
  readonly bytes: number;
}
