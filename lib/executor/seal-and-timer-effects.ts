/** Execute the two effects that appends and flushes share. */
import type { Effect, EffectResult } from '../protocol/effects.ts';
import type { Clock } from '../ports.ts';
import type { WindowEffect } from '../protocol/window-effects.ts';
import type { TimerQueue, WindowStore } from '../windows/window-ports.ts';

export interface SealAndTimerPorts {
  readonly windows: Pick<WindowStore, 'seal'>;
  readonly timers: TimerQueue;
  readonly clock: Clock;
}

export type SealOrTimerEffect = Extract<WindowEffect, { kind: 'seal-window' | 'send-timer' }>;

export async function executeSealOrTimer(
  { windows, timers, clock }: SealAndTimerPorts,
  effect: SealOrTimerEffect,
): Promise<EffectResult> {
  switch (effect.kind) {
    case 'seal-window': {
      const { ref, reason, flushLeaseEpochMs } = effect;
      const result = await windows.seal(ref, reason, clock.nowEpochMs(), flushLeaseEpochMs);
      return { kind: effect.kind, result };
    }
    case 'send-timer': {
      const unsent = await timers.sendTimers([effect.timer]);
      return { kind: effect.kind, isStored: unsent.length === 0 };
    }
  }
}

/** An effect reached an executor that does not execute it: the protocol was composed wrongly. */
export class MisplacedEffectError extends Error {
  override readonly name = 'MisplacedEffectError';

  constructor(kind: Effect['kind'], program: 'append' | 'seal' | 'flush') {
    super(`the effect ${kind} does not belong to the program ${program}`);
  }
}
