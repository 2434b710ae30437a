/** What windows ask of the world, one question at a time (see `lib/protocol/effects.ts`). */
import type { Member } from '../routing/member.ts';
import type {
  FlushReason,
  OpenedWindow,
  PartDeployment,
  Window,
  WindowSeries,
  WindowRef,
} from '../windows/window.ts';
import type { AppendResult, LatestWindow, SealResult, WindowTimer } from '../windows/window-ports.ts';

/** What an append needs. */
export type AppendEffect =
  | { readonly kind: 'read-latest-window'; readonly series: WindowSeries }
  | AppendChunkEffect
  | { readonly kind: 'seal-window'; readonly ref: WindowRef; readonly reason: FlushReason }
  | { readonly kind: 'send-timer'; readonly timer: WindowTimer }
  /** Makes sure that this batch never comes into a window. */
  | { readonly kind: 'abandon-batch'; readonly batchId: string };

export interface AppendChunkEffect {
  readonly kind: 'append-chunk';
  readonly batchId: string;
  readonly members: readonly Member[];
  readonly ref: WindowRef;
  readonly bytes: number;
  readonly opens: (OpenedWindow & { readonly deploymentRef: string }) | null;
  readonly dueEpochMs: number;
  readonly maxCountBefore: number;
  readonly maxBytesBefore: number;
}

/** What a flush needs, beside the creation of runs. */
export type FlushEffect =
  /** Before the window is marked as flushed: nobody else would send them. */
  | { readonly kind: 'send-dead-letters'; readonly dead: readonly DeadMember[] }
  | { readonly kind: 'read-windows'; readonly refs: readonly WindowRef[] }
  | { readonly kind: 'read-chunks'; readonly batchIds: readonly string[] }
  | { readonly kind: 'skip-sequence'; readonly ref: WindowRef; readonly routeVersion: string }
  | {
      readonly kind: 'redirect-window';
      readonly ref: WindowRef;
      readonly from: readonly PartDeployment[];
      readonly to: PartDeployment;
    }
  | { readonly kind: 'mark-flushed'; readonly ref: WindowRef; readonly flowRunIds: readonly string[] }
  | {
      readonly kind: 'expire-chunks';
      readonly batchIds: readonly string[];
      readonly expiresAtEpochSeconds: number;
    }
  | { readonly kind: 'close-window'; readonly ref: WindowRef; readonly expiresAtEpochSeconds: number };

export interface DeadMember {
  readonly member: Member;
  readonly batchId: string;
  readonly flowRunId: string;
  readonly reason: string;
}

export type WindowEffect = AppendEffect | FlushEffect;

export type WindowEffectResult =
  | { readonly kind: 'read-latest-window'; readonly latest: LatestWindow }
  | { readonly kind: 'append-chunk'; readonly result: AppendResult }
  | { readonly kind: 'seal-window'; readonly result: SealResult }
  | { readonly kind: 'send-timer'; readonly isStored: boolean }
  | { readonly kind: 'abandon-batch'; readonly result: 'abandoned' | 'chunk-exists' | 'indeterminate' }
  | { readonly kind: 'send-dead-letters'; readonly areStored: boolean }
  | { readonly kind: 'read-windows'; readonly windows: ReadonlyMap<string, Window> }
  | { readonly kind: 'read-chunks'; readonly chunks: ReadonlyMap<string, ChunkMembers> }
  | { readonly kind: 'skip-sequence'; readonly result: 'skipped' | 'exists' | 'indeterminate' }
  | { readonly kind: 'redirect-window'; readonly result: 'moved' | 'changed' | 'indeterminate' }
  | { readonly kind: 'mark-flushed'; readonly result: 'marked' | 'indeterminate' }
  | { readonly kind: 'expire-chunks' }
  | { readonly kind: 'close-window' };

/** Of a chunk, what decisions need. */
export interface ChunkMembers {
  readonly appendedAtEpochMs: number;
  readonly members: readonly SizedMember[];
}

export interface SizedMember extends Member {
  /** Of the event, as `maxBytes` counts them. */
  readonly bytes: number;
}
