/** Execute the effects of appends over the ports. */
import type { Batch } from '../batching/batch.ts';
import type { EffectResult } from '../protocol/effects.ts';
import {
  MisplacedEffectError,
  executeSealOrTimer,
  type SealAndTimerPorts,
} from './seal-and-timer-effects.ts';
import type { AppendChunkEffect, WindowEffect } from '../protocol/window-effects.ts';
import { routeVersionOf } from '../windows/route-version.ts';
import { windowIdOf } from '../windows/window.ts';
import type { Chunk, BatchAbandoner, RouteVersionStore, WindowStore } from '../windows/window-ports.ts';

export interface AppendPorts extends SealAndTimerPorts {
  readonly windows: WindowStore;
  readonly batchAbandoner: BatchAbandoner;
  readonly routeVersions: RouteVersionStore;
}

export class AppendExecutor {
  readonly #ports: AppendPorts;
  /** Name of the source that the events came from. */
  readonly #source: string;

  constructor(ports: AppendPorts, source: string) {
    this.#ports = ports;
    this.#source = source;
  }

  async perform({ batch }: { readonly batch: Batch }, effect: WindowEffect): Promise<EffectResult> {
    const { windows, batchAbandoner } = this.#ports;
    switch (effect.kind) {
      case 'read-latest-window':
        return { kind: effect.kind, latest: await windows.readLatest(effect.series) };
      case 'append-chunk':
        return { kind: effect.kind, result: await this.#append(batch, effect) };
      case 'seal-window':
      case 'send-timer':
        return executeSealOrTimer(this.#ports, effect);
      case 'abandon-batch':
        return { kind: effect.kind, result: await batchAbandoner.abandonBatch(effect.batchId) };
      case 'read-windows':
      case 'read-route-version':
      case 'read-chunks':
      case 'skip-sequence':
      case 'lease-flush':
      case 'redirect-window':
      case 'send-dead-letters':
      case 'mark-flushed':
      case 'expire-chunks':
      case 'close-window':
        throw new MisplacedEffectError(effect.kind, 'append');
    }
  }

  async #append(batch: Batch, { batchId, members, ref, ...append }: AppendChunkEffect) {
    const { windows, routeVersions, clock } = this.#ports;
    // Stored before a window refers to it. The store remembers what it has written.
    if (append.opens !== null) {
      const { version, routeJson } = routeVersionOf(batch.route.config);
      await routeVersions.putVersion(version, routeJson);
    }
    const wanted = new Set(members.map(({ claimKey }) => claimKey));
    const events = batch.events
      .filter(({ member }) => wanted.has(member.claimKey))
      .map(({ member, event }) => ({ member, event, source: this.#source }));
    const windowId = windowIdOf(ref);
    const chunk: Chunk = { batchId, windowId, appendedAtEpochMs: clock.nowEpochMs(), events };
    return windows.append({ chunk, ref, ...append });
  }
}
