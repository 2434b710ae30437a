import { describe, expect, it } from 'vitest';
import { recordOfQueueMessage, toQueueMessage } from '../../lib/event/queue-message.ts';
import { decodeRecord } from '../../lib/event/decode.ts';
import { firstBatchId } from '../../lib/batching/batch-id.ts';
import { type Member } from '../../lib/routing/member.ts';
import type { BatchRecordStore, ClaimStore, QueueMessage, StoredFlowRunRecord } from '../../lib/ports.ts';
import { FlowRunStatusPoller } from '../../lib/flow-run-status/status-poller.ts';
import { matchEvent, routesFrom } from '../../lib/routing/route.ts';
import type { WindowStore } from '../../lib/windows/window-ports.ts';
import { makeCompiledConfig, makeHttpSource } from '../support/builders/compiled-config.ts';
import { jsonData, makeEvent } from '../support/builders/make-event.ts';
import { sampleOpening, sampleWindowRef } from '../support/builders/sample-windows.ts';

export interface InquiredStores {
  readonly claims: ClaimStore;
  readonly records: BatchRecordStore;
  readonly windows: WindowStore;
}

const NOW_EPOCH_SECONDS = 1_790_000_000;
const LATER = NOW_EPOCH_SECONDS + 86_400;
const source = makeHttpSource();
const config = makeCompiledConfig([source]);
const routes = routesFrom(config, source.name);

/** What an inquiry finds in any store, whose rows are written as the pipeline writes them. `makeStores`: empty ones. */
export function defineFlowRunStatusPollerContract(
  name: string,
  makeStores: () => Promise<InquiredStores>,
): void {
  /** One look. */
  const look = async ({ claims, records }: InquiredStores, messages: readonly QueueMessage[]) => {
    const inquiry = new FlowRunStatusPoller({
      source,
      limits: config.limits,
      routes,
      maxWaitSeconds: 0,
      ports: {
        claims,
        records,
        clock: { nowEpochMs: () => NOW_EPOCH_SECONDS * 1000 },
        backoff: { pauseBeforeRetry: () => Promise.reject(new Error('paused')) },
      },
    });
    const { events, failure } = await inquiry.poll(messages, { remainingMs: () => 29_000 });
    expect(failure).toBeNull();
    return events.map(([progress]) => progress);
  };

  describe(`${name}, asked for flow runs`, () => {
    it('has none of events that are not claimed, or whose batch has no record yet', async () => {
      const stores = await makeStores();
      const [unclaimed, claimed] = [sampleEvent('1'), sampleEvent('2')];
      await claim(stores, [claimed], LATER);
      const pending = { state: 'pending', route: 'process-orders' };
      expect(await look(stores, [unclaimed.message, claimed.message])).toEqual([pending, pending]);
    });

    it('has the run of those whose record lists them, and of no others', async () => {
      const stores = await makeStores();
      const events = Array.from({ length: 120 }, (_, index) => sampleEvent(String(index)));
      const batchId = await claim(stores, events, LATER);
      const listed = events.slice(1).map(({ member }) => member.memberId);
      await stores.records.writeRecords([record(batchId, listed)]);
      const [excluded, ...inRun] = await look(
        stores,
        events.map(({ message }) => message),
      );
      expect(excluded).toEqual({ state: 'pending', route: 'process-orders' });
      expect(inRun).toEqual(
        listed.map(() => ({ state: 'created', route: 'process-orders', flowRunId: 'run-1' })),
      );
    });

    it('knows a dead run, a window, and a claim that has expired', async () => {
      const stores = await makeStores();
      const [dead, held, expired] = [sampleEvent('1'), sampleEvent('2'), sampleEvent('3')];
      const deadBatchId = await claim(stores, [dead], LATER);
      const expiredBatchId = await claim(stores, [expired], NOW_EPOCH_SECONDS);
      await stores.records.writeRecords([
        { ...record(deadBatchId, [dead.member.memberId]), deadCode: 'refused-by-prefect' },
        record(expiredBatchId, [expired.member.memberId]),
      ]);
      const heldBatchId = await claim(stores, [held], LATER);
      const opening = sampleOpening(sampleWindowRef(), 'batch');
      const chunkEvent = { member: held.member, event: held.event, source: source.name };
      const chunk = { ...opening.chunk, batchId: heldBatchId, events: [chunkEvent] };
      expect(await stores.windows.append({ ...opening, chunk })).toBe('appended');
      expect(await look(stores, [dead.message, held.message, expired.message])).toEqual([
        { state: 'dead-lettered', route: 'process-orders', code: 'refused-by-prefect', flowRunId: 'run-1' },
        { state: 'held', route: 'process-orders' },
        { state: 'pending', route: 'process-orders' },
      ]);
    });
  });
}

/** An event with what the endpoint queues of it, and its name on the route. */
function sampleEvent(id: string) {
  const origin = {
    kind: 'http',
    requestId: 'request-1',
    index: 0,
    receivedAtEpochMs: 1_790_000_000_000,
  } as const;
  const made = makeEvent({ id, data: jsonData('{}') });
  const event = { ...made, origin, identity: ['cloudevents', made.source, id] };
  const message = toQueueMessage(event, source);
  const decoded = decodeRecord(recordOfQueueMessage(message), source, config.limits);
  const [route] = routes;
  const [again] = decoded.kind === 'events' ? decoded.events : [];
  const match = route && again && matchEvent(route, again);
  if (match?.kind !== 'matched') throw new Error('the route does not take the sample event');
  return { event, message, member: match.routed.member };
}

/** One batch of these events. */
async function claim(
  { claims }: InquiredStores,
  events: readonly { readonly member: Member }[],
  expiresAtEpochSeconds: number,
): Promise<string> {
  const members = events.map(({ member }) => member);
  const batchId = firstBatchId(
    'deployment',
    { installation: 'table', route: 'process-orders', destination: 'run' },
    members.map((member) => ({ ...member, origin: 'm1' })),
  );
  await claims.insertClaims(
    members.map(({ claimKey }) => ({
      claimKey,
      batchId,
      leaseUntilEpochSeconds: NOW_EPOCH_SECONDS + 60,
      expiresAtEpochSeconds,
    })),
  );
  return batchId;
}

function record(batchId: string, members: readonly string[]): StoredFlowRunRecord {
  return {
    kind: 'flow-run' as const,
    batchId,
    flowRunId: 'run-1',
    members,
    deadCode: null,
    expiresAtEpochSeconds: LATER,
  };
}
