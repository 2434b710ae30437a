/** Windows that are large, busy, or opened by many workers at once keep every promise of docs/windows.md. */
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { hash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DynamoDbTable } from '../../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowFlushStore } from '../../../lib/adapters/dynamodb/dynamodb-window-flush-store.ts';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { flushWindows } from '../../../lib/executor/flush-windows.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import {
  PipelineParts,
  PLENTY_OF_TIME,
  sqsConfig,
  sqsRecord,
} from '../../support/builders/pipeline-parts.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const WINDOW = { ...CAPS, mode: 'window', maxWaitSeconds: 10, bypassWhen: null } as const;
const MINUTE_MS = 60_000;

function windowed(coalesce: CompiledWindowing): PipelineParts {
  return new PipelineParts(
    sqsConfig({ dedupe: { key: 'event.data.n', retentionSeconds: 86_400 }, coalesce }),
  );
}

function flushContext(parts: PipelineParts) {
  const { installation, config } = parts;
  return {
    installation,
    configHash: config.hash,
    requestTimeoutMs: 1_000,
    deadline: { remainingMs: () => 30_000 },
  };
}

describe('a sliding pane that takes more than four thousand additions', () => {
  it('holds each event in the windows that cover it, and no run comes before its window has ended', async () => {
    const sliding = { ...CAPS, maxEvents: 10_000, maxBytes: 5_000_000 } as const;
    const parts = windowed({ ...sliding, mode: 'sliding', sizeSeconds: 120, everySeconds: 60 });
    parts.nowEpochMs = 1_790_000_040_000 - (1_790_000_040_000 % MINUTE_MS) + 1_000;
    const arrivedAtEpochMs = new Map<number, number>();
    for (let n = 0; n < 4_300; n++) {
      parts.nowEpochMs += 10;
      arrivedAtEpochMs.set(n, parts.nowEpochMs);
      await parts.run([sqsRecord(`m${n}`, `{"n":${n}}`)]);
      if (n % 500 === 0) await parts.flushDue();
    }
    expect(parts.prefect.flowRuns).toEqual([]);
    for (let step = 0; step < 40; step++) {
      parts.nowEpochMs += 10_000;
      await parts.flushDue();
    }
    const counts = new Map<number, number>();
    for (const [index, { labels }] of parts.prefect.flowRuns.entries()) {
      const startEpochMs = Date.parse(String(labels['sluice.window.start']));
      const endEpochMs = Date.parse(String(labels['sluice.window.end']));
      for (const { n } of parts.orders[index] as { readonly n: number }[]) {
        counts.set(n, (counts.get(n) ?? 0) + 1);
        const arrived = arrivedAtEpochMs.get(n) ?? 0;
        expect(arrived >= startEpochMs && arrived < endEpochMs).toBe(true);
      }
    }
    expect(counts.size).toBe(4_300);
    expect(new Set(counts.values())).toEqual(new Set([2]));
  });
});

describe('a window that many workers open at once', () => {
  it('is flushed by one of their timers, with one dead letter for one poison event', async () => {
    const parts = windowed(WINDOW);
    parts.prefect.refuseWhen(({ parametersJson, dead }) =>
      dead === null && parametersJson.includes('13') ? { status: 409, detail: 'no' } : null,
    );
    await Promise.all(Array.from({ length: 20 }, (_, n) => parts.run([sqsRecord(`m${n}`, `{"n":${n}}`)])));
    parts.nowEpochMs += 11_000;
    const timers = parts.timers.takeDue(parts.nowEpochMs);
    expect(timers.length).toBeGreaterThan(1);
    await Promise.all(
      timers.map((timer) => flushWindows([timer], parts.config, parts.flushingPorts, flushContext(parts))),
    );
    expect(parts.deadLetters.messages).toHaveLength(1);
    expect(parts.orders.flat()).toHaveLength(19);
  });
});

describe('a window that two appends fill together', () => {
  it('is closed by the addition that fills it', async () => {
    const parts = windowed({ ...WINDOW, maxEvents: 4 });
    await parts.run([sqsRecord('m0', '{"n":0}')]);
    await Promise.all([
      parts.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":2}')]),
      parts.run([sqsRecord('m3', '{"n":3}')]),
    ]);
    const windows = [...parts.windows.windows.values()].map(({ window }) => window);
    expect(windows).toMatchObject([{ count: 4, state: 'sealed', reason: 'count' }]);
  });
});

describe('a window whose worker does not learn that it was closed', () => {
  it('is flushed at once all the same when an event in it must not wait', async () => {
    const parts = windowed({ ...WINDOW, bypassWhen: 'event.data.n == 1' });
    const seal = parts.windows.seal.bind(parts.windows);
    parts.windows.seal = async (...sealing) => {
      await seal(...sealing);
      return 'indeterminate';
    };
    await parts.run([sqsRecord('m1', '{"n":1}')]);
    await parts.flushDue();
    expect(parts.orders).toEqual([[{ n: 1 }]]);
  });
});

describe('a window of more runs than its item could list', () => {
  it('is marked as flushed in an item of a few kilobytes', async () => {
    const dynamodb = mockClient(DynamoDBClient);
    dynamodb.on(TransactWriteItemsCommand).resolves({});
    const client = new DynamoDBClient({ region: 'us-east-1' });
    const flushes = new DynamoDbWindowFlushStore(new DynamoDbTable({ client, tableName: 'table' }));
    const flowRunIds = Array.from({ length: 11_200 }, () => randomUUID());
    const ref = { series: { route: 'orders', keyHash: 'key' }, sequence: 1 };
    expect(await flushes.markFlushed(ref, flowRunIds)).toBe('marked');
    const [call] = dynamodb.commandCalls(TransactWriteItemsCommand);
    expect(JSON.stringify(call?.args[0].input).length).toBeLessThan(10_000);
  });
});

describe('a window whose route version this Sluice cannot read', () => {
  it('does not stop the windows of other routes in the same invocation', async () => {
    const parts = windowed(WINDOW);
    await parts.run([sqsRecord('m1', '{"n":1}')]);
    const [healthy] = parts.timers.timers;
    if (healthy === undefined) throw new Error('a window has a timer');
    // Another version of Sluice may have stored a route without a field that this one reads.
    const older = makeRoute({ name: 'older', from: ['jobs'], coalesce: WINDOW });
    const json = JSON.stringify({ ...older, dedupe: undefined });
    const version = hash('sha256', json, 'hex').slice(0, 16);
    await parts.windows.putVersion(version, json);
    parts.nowEpochMs += 11_000;
    const { keyHash } = healthy.ref.series;
    const unreadable = { ref: { series: { route: 'older', keyHash }, sequence: 0 }, routeVersion: version };
    const reports = await flushWindows(
      [unreadable, healthy],
      parts.config,
      parts.flushingPorts,
      flushContext(parts),
    );
    expect(reports.map(({ result }) => result.kind)).toEqual(['retry', 'flushed']);
    expect(parts.orders).toHaveLength(1);
    expect(PLENTY_OF_TIME.remainingMs()).toBeGreaterThan(0);
  });
});
