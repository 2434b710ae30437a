/** The effects that bring windows to their end, over the ports. One per invocation: it keeps the events that it read. */
import { dataBytes } from '../batching/coalesce.ts';
import { sendDeadLetters } from '../dead-letters/send-dead-letters.ts';
import { eventToCloudEventJson } from '../event/event-json.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { EffectResult } from '../protocol/effects.ts';
import type { EventOutcome } from '../outcome.ts';
import type { DeadLetterQueue } from '../ports.ts';
import { MisplacedEffectError, performClosing, type ClosingPorts } from './seal-and-timer-effects.ts';
import type { ChunkMembers, DeadMember, WindowEffect } from '../protocol/window-effects.ts';
import type {
  Chunk,
  ChunkEvent,
  WindowCloser,
  WindowFlushStore,
  WindowReader,
} from '../windows/window-ports.ts';

export interface FlushPorts extends ClosingPorts {
  readonly windowReader: WindowReader;
  readonly windowFlushes: WindowFlushStore;
  readonly windowCloser: WindowCloser;
  readonly deadLetters: DeadLetterQueue;
}

export class FlushExecutor {
  readonly #ports: FlushPorts;
  readonly #configHash: string;
  /** By claim key: of all chunks that were read. */
  readonly #events = new Map<string, ChunkEvent>();

  constructor(ports: FlushPorts, configHash: string) {
    this.#ports = ports;
    this.#configHash = configHash;
  }

  eventOf(claimKey: string): ChunkEvent | undefined {
    return this.#events.get(claimKey);
  }

  async perform(route: string, effect: WindowEffect): Promise<EffectResult> {
    const { windowReader, windowFlushes, windowCloser, clock } = this.#ports;
    switch (effect.kind) {
      case 'seal-window':
      case 'send-timer':
        return performClosing(this.#ports, effect);
      case 'read-windows':
        return { kind: effect.kind, windows: await windowReader.readWindows(effect.refs) };
      case 'read-chunks':
        return { kind: effect.kind, chunks: this.#kept(await windowReader.readChunks(effect.batchIds)) };
      case 'skip-sequence': {
        const { ref, routeVersion } = effect;
        const result = await windowFlushes.burn(ref, routeVersion, clock.nowEpochMs());
        return { kind: effect.kind, result };
      }
      case 'redirect-window': {
        const { ref, from, to } = effect;
        return { kind: effect.kind, result: await windowFlushes.redirect(ref, from, to) };
      }
      case 'send-dead-letters':
        return { kind: effect.kind, areStored: await this.#sendDeadLetters(route, effect.dead) };
      case 'mark-flushed': {
        const { ref, flowRunIds } = effect;
        return { kind: effect.kind, result: await windowFlushes.markFlushed(ref, flowRunIds) };
      }
      case 'expire-chunks':
        await windowCloser.expireChunks(effect.batchIds, effect.expiresAtEpochSeconds);
        return { kind: effect.kind };
      case 'close-window':
        await windowCloser.closeWindow(effect.ref, effect.expiresAtEpochSeconds);
        return { kind: effect.kind };
      case 'read-latest-window':
      case 'append-chunk':
      case 'abandon-batch':
        throw new MisplacedEffectError(effect.kind, 'flush');
    }
  }

  #kept(chunks: ReadonlyMap<string, Chunk>): ReadonlyMap<string, ChunkMembers> {
    const kept = new Map<string, ChunkMembers>();
    for (const [batchId, { appendedAtEpochMs, events }] of chunks) {
      for (const each of events) this.#events.set(each.member.claimKey, each);
      kept.set(batchId, {
        appendedAtEpochMs,
        members: events.map(({ member, event }) => ({ ...member, bytes: dataBytes(event) })),
      });
    }
    return kept;
  }

  /** The letter of an event that waited holds the event itself: its record is long acknowledged. */
  async #sendDeadLetters(route: string, dead: readonly DeadMember[]): Promise<boolean> {
    const bySource = new Map<string, EventOutcome[]>();
    for (const { member, batchId, flowRunId, reason: detail } of dead) {
      const found = this.#events.get(member.claimKey);
      if (found === undefined) return false;
      const { event, source } = found;
      const code = 'refused-by-prefect';
      const outcome = { kind: 'dead-lettered', route, batchId, flowRunId, code, detail } as const;
      const outcomes = bySource.get(source) ?? [];
      bySource.set(source, [...outcomes, { record: recordOf(found), event, outcome }]);
    }
    for (const [name, outcomes] of bySource) {
      const lettering = { config: { hash: this.#configHash }, source: { name }, ports: this.#ports };
      const sent = await sendDeadLetters(outcomes, lettering);
      if (sent.some(({ outcome }) => outcome.kind !== 'dead-lettered')) return false;
    }
    return true;
  }
}

function recordOf({ event }: ChunkEvent): ReceivedRecord {
  return {
    recordId: event.id,
    origin: event.origin,
    body: eventToCloudEventJson(event),
    contentType: 'application/cloudevents+json',
    headers: new Map(),
    deliveryCount: 1,
    identity: event.identity,
  };
}
