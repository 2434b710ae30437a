/** The two effects that appending and flushing share, over the ports. */
import type { EffectResult } from '../protocol/effects.ts';
import type { Clock } from '../ports.ts';
import type { WindowEffect } from '../protocol/window-effects.ts';
import type { TimerQueue, WindowStore } from '../windows/window-ports.ts';

export interface ClosingPorts {
  readonly windows: Pick<WindowStore, 'seal'>;
  readonly timers: TimerQueue;
  readonly clock: Clock;
}

export type ClosingEffect = Extract<WindowEffect, { kind: 'seal-window' | 'send-timer' }>;

export async function performClosing(
  { windows, timers, clock }: ClosingPorts,
  effect: ClosingEffect,
): Promise<EffectResult> {
  switch (effect.kind) {
    case 'seal-window': {
      const { ref, reason } = effect;
      return { kind: effect.kind, result: await windows.seal(ref, reason, clock.nowEpochMs()) };
    }
    case 'send-timer': {
      const unsent = await timers.sendTimers([effect.timer]);
      return { kind: effect.kind, isStored: unsent.length === 0 };
    }
  }
}

/** An effect reached a performer that is not there for it: the protocol was composed wrongly. */
export class MisplacedEffectError extends Error {
  override readonly name = 'MisplacedEffectError';
  readonly canRetry = false;

  constructor(kind: WindowEffect['kind'], ref: 'append' | 'flush') {
    super(`${kind} is no effect of ${ref === 'append' ? 'an append' : 'a flush'}`);
  }
}
