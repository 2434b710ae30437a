/** What windows ask of the world, one question at a time (see `lib/protocol/effects.ts`). */
import type { Member } from '../routing/member.ts';
import type {
  FlushReason,
  OpenedWindow,
  PartDeployment,
  Window,
  WindowLine,
  WindowPlace,
} from '../windows/window.ts';
import type { AppendAnswer, LatestWindow, SealAnswer, WindowTimer } from '../windows/window-ports.ts';

/** What an append needs. */
export type AppendEffect =
  | { readonly kind: 'read-latest-window'; readonly line: WindowLine }
  | AppendChunkEffect
  | { readonly kind: 'seal-window'; readonly place: WindowPlace; readonly reason: FlushReason }
  | { readonly kind: 'send-timer'; readonly timer: WindowTimer }
  /** Makes sure that this batch never comes into a window. */
  | { readonly kind: 'void-chunk'; readonly batchId: string };

export interface AppendChunkEffect {
  readonly kind: 'append-chunk';
  readonly batchId: string;
  readonly members: readonly Member[];
  readonly place: WindowPlace;
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
  | { readonly kind: 'read-windows'; readonly places: readonly WindowPlace[] }
  | { readonly kind: 'read-chunks'; readonly batchIds: readonly string[] }
  | { readonly kind: 'burn-window'; readonly place: WindowPlace; readonly routeVersion: string }
  | {
      readonly kind: 'redirect-window';
      readonly place: WindowPlace;
      readonly from: readonly PartDeployment[];
      readonly to: PartDeployment;
    }
  | { readonly kind: 'mark-flushed'; readonly place: WindowPlace; readonly flowRunIds: readonly string[] }
  | {
      readonly kind: 'expire-chunks';
      readonly batchIds: readonly string[];
      readonly expiresAtEpochSeconds: number;
    }
  | { readonly kind: 'close-window'; readonly place: WindowPlace; readonly expiresAtEpochSeconds: number };

export interface DeadMember {
  readonly member: Member;
  readonly batchId: string;
  readonly flowRunId: string;
  readonly reason: string;
}

export type WindowEffect = AppendEffect | FlushEffect;

export type WindowAnswer =
  | { readonly kind: 'read-latest-window'; readonly latest: LatestWindow }
  | { readonly kind: 'append-chunk'; readonly answer: AppendAnswer }
  | { readonly kind: 'seal-window'; readonly answer: SealAnswer }
  | { readonly kind: 'send-timer'; readonly isStored: boolean }
  | { readonly kind: 'void-chunk'; readonly answer: 'voided' | 'chunk-exists' | 'unclear' }
  | { readonly kind: 'send-dead-letters'; readonly areStored: boolean }
  | { readonly kind: 'read-windows'; readonly windows: ReadonlyMap<string, Window> }
  | { readonly kind: 'read-chunks'; readonly chunks: ReadonlyMap<string, ChunkMembers> }
  | { readonly kind: 'burn-window'; readonly answer: 'burnt' | 'exists' | 'unclear' }
  | { readonly kind: 'redirect-window'; readonly answer: 'moved' | 'changed' | 'unclear' }
  | { readonly kind: 'mark-flushed'; readonly answer: 'marked' | 'unclear' }
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
