/** Execute the effects of flushes over the ports. One per invocation: it keeps the events that it read. */
import { dataBytes } from '../batching/coalesce.ts';
import { rejectionCodeOf } from '../dead-letters/dead-letter.ts';
import { sendDeadLetters } from '../dead-letters/send-dead-letters.ts';
import { eventToCloudEventJson } from '../event/event-json.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { EffectResult } from '../protocol/effects.ts';
import type { EventOutcome } from '../outcome.ts';
import type { DeadLetterQueue } from '../ports.ts';
import {
  MisplacedEffectError,
  executeSealOrTimer,
  type SealAndTimerPorts,
} from './seal-and-timer-effects.ts';
import type {
  ChunkMembers,
  DeadMember,
  ReadChunksResult,
  WindowEffect,
  WindowRoute,
} from '../protocol/window-effects.ts';
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import { routeOfClaim } from '../routing/member.ts';
import type { VersionedRoutes } from '../windows/versioned-routes.ts';
import { windowRulesOf } from '../windows/window-rules.ts';
import type {
  ChunkEvent,
  ListedChunks,
  WindowCloser,
  WindowFlushStore,
  WindowRedirector,
  WindowReader,
} from '../windows/window-ports.ts';

export interface FlushPorts extends SealAndTimerPorts {
  readonly windowReader: WindowReader;
  readonly windowFlushes: WindowFlushStore;
  readonly windowRedirector: WindowRedirector;
  readonly windowCloser: WindowCloser;
  readonly deadLetters: DeadLetterQueue;
}

export class FlushExecutor {
  readonly #ports: FlushPorts;
  readonly #routes: VersionedRoutes;
  readonly #configHash: string;
  /** Events of all chunks that were read, by claim key. */
  readonly #events = new Map<string, ChunkEvent>();

  constructor(ports: FlushPorts, routes: VersionedRoutes, configHash: string) {
    this.#ports = ports;
    this.#routes = routes;
    this.#configHash = configHash;
  }

  eventOf(claimKey: string): ChunkEvent | undefined {
    return this.#events.get(claimKey);
  }

  async perform(effect: WindowEffect): Promise<EffectResult> {
    const { windowReader, windowFlushes, windowRedirector, windowCloser, clock } = this.#ports;
    switch (effect.kind) {
      case 'seal-window':
      case 'send-timer':
        return executeSealOrTimer(this.#ports, effect);
      case 'read-windows':
        return { kind: effect.kind, windows: await windowReader.readWindows(effect.refs) };
      case 'read-chunks':
        return this.#keep(await windowReader.readChunks(effect.windows));
      case 'read-route-version':
        return { kind: effect.kind, route: await this.#windowRoute(effect.version) };
      case 'lease-flush': {
        const { ref, readEpochMs, untilEpochMs } = effect;
        return { kind: effect.kind, result: await windowFlushes.leaseFlush(ref, readEpochMs, untilEpochMs) };
      }
      case 'skip-sequence': {
        const { ref, routeVersion } = effect;
        const result = await windowFlushes.skipSequence(ref, routeVersion, clock.nowEpochMs());
        return { kind: effect.kind, result };
      }
      case 'redirect-window': {
        const { ref, from, to } = effect;
        return { kind: effect.kind, result: await windowRedirector.redirect(ref, from, to) };
      }
      case 'send-dead-letters':
        return { kind: effect.kind, areStored: await this.#sendDeadLetters(effect.dead) };
      case 'mark-flushed': {
        const { ref, flowRunIds } = effect;
        return { kind: effect.kind, result: await windowFlushes.markFlushed(ref, flowRunIds) };
      }
      case 'expire-chunks':
        await windowCloser.expireChunks(effect.window, effect.expiresAtEpochSeconds);
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

  async #windowRoute(version: string): Promise<WindowRoute | null> {
    const found = await this.#routes.find(version);
    if (found === null) return null;
    const { coalesce, dedupe } = found.route.config;
    if (!isWindowing(coalesce)) return null;
    const { isDeployed } = found;
    const { retentionSeconds } = dedupe;
    return { version, rules: windowRulesOf(coalesce), isDeployed, retentionSeconds };
  }

  #keep({ batchIds, chunks }: ListedChunks): ReadChunksResult {
    const kept = new Map<string, ChunkMembers>();
    for (const [batchId, { appendedAtEpochMs, events }] of chunks) {
      for (const each of events) this.#events.set(each.member.claimKey, each);
      kept.set(batchId, {
        appendedAtEpochMs,
        members: events.map(({ member, event }) => ({ ...member, bytes: dataBytes(event) })),
      });
    }
    return { kind: 'read-chunks', batchIds, chunks: kept };
  }

  /** The dead letter of an event that waited holds the event itself: its record was acknowledged long ago. */
  async #sendDeadLetters(dead: readonly DeadMember[]): Promise<boolean> {
    const bySource = new Map<string, EventOutcome[]>();
    for (const { member, batchId, flowRunId, deadCode, reason: detail } of dead) {
      const found = this.#events.get(member.claimKey);
      if (found === undefined) return false;
      const { event, source } = found;
      const route = routeOfClaim(member.claimKey);
      const code = rejectionCodeOf(deadCode);
      const outcome = { kind: 'dead-lettered', route, batchId, flowRunId, code, detail } as const;
      const outcomes = bySource.get(source) ?? [];
      bySource.set(source, [...outcomes, { record: recordOf(found), event, outcome }]);
    }
    for (const [name, outcomes] of bySource) {
      const context = { config: { hash: this.#configHash }, source: { name }, ports: this.#ports };
      const sent = await sendDeadLetters(outcomes, context);
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
    ...(event.headers !== undefined && { headerList: event.headers }),
    deliveryCount: 1,
    identity: event.identity,
  };
}
