/** One window key that everybody appends to at the same time, on real tables. */
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { DynamoDbRouteVersionStore } from '../../lib/adapters/dynamodb/dynamodb-route-version-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import {
  DynamoDbWindowIndex,
  DynamoDbWindowReader,
} from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { DynamoDbWindowStore } from '../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import type { WindowRef } from '../../lib/windows/window.ts';
import { makeSqsSource } from '../support/builders/compiled-config.ts';
import { PipelineParts, PLENTY_OF_TIME, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import { TransactionConflicts } from '../support/proxies/transaction-conflicts.ts';

const INVOCATIONS = 200;
const MAX_EVENTS = 64;
const IDS = Array.from({ length: INVOCATIONS }, (_, index) => `event-${String(index).padStart(3, '0')}`);

const coalesce = {
  mode: 'window',
  key: null,
  maxEvents: MAX_EVENTS,
  maxBytes: 400_000,
  maxWaitSeconds: 600,
  bypassWhen: null,
} as const;

const engines = [
  { engine: 'the AWS emulator', endpoint: inject('awsEndpointUrl') },
  { engine: 'DynamoDB Local', endpoint: inject('dynamodbLocalUrl') },
];

describe.each(engines)('200 invocations that append to one key on $engine', ({ endpoint }) => {
  const client = dynamoDbClientFor(endpoint ?? 'http://127.0.0.1:9');
  const conflicts = new TransactionConflicts();
  conflicts.addTo(client);
  const tables = new TemporaryTables(client);
  afterAll(() => tables.deleteAll());

  it.skipIf(endpoint === null)(
    'all get their events into windows, none is lost or in two, and no cap is overshot',
    async () => {
      const table = new DynamoDbTable({ client, tableName: await tables.create() });
      const parts = new PipelineParts(sqsConfig({ coalesce }));
      const windows = new DynamoDbWindowStore(table);
      const pipeline = {
        config: parts.config,
        source: parts.config.sources['jobs'] ?? makeSqsSource(),
        routes: routesFrom(parts.config, 'jobs'),
        installation: 'table',
        ports: {
          ...parts.ports,
          claims: new DynamoDbClaimStore(table),
          records: new DynamoDbBatchRecordStore(table),
          windows,
          batchAbandoner: windows,
          routeVersions: new DynamoDbRouteVersionStore(table),
        },
      };

      /** Whom the window was too busy for; their source delivers them again. */
      const deliver = async (ids: readonly string[], deliveryCount: number): Promise<readonly string[]> => {
        const outcomes = await Promise.all(
          ids.map((id) =>
            runPipeline([sqsRecord(id, `{"id":"${id}"}`, deliveryCount)], pipeline, PLENTY_OF_TIME),
          ),
        );
        const kinds = outcomes.map(([first]) => first?.outcome.kind);
        expect(['held', 'duplicate', 'retry']).toEqual(expect.arrayContaining([...new Set(kinds)]));
        return ids.filter((_id, index) => kinds[index] === 'retry');
      };
      let waiting = await deliver(IDS, 1);
      expect(waiting.length).toBeLessThan(INVOCATIONS / 2);
      for (let deliveryCount = 2; waiting.length > 0; deliveryCount++) {
        parts.letLeasesEnd();
        waiting = await deliver(waiting, deliveryCount);
        expect(deliveryCount).toBeLessThan(5);
      }

      expect(conflicts.count).toBeGreaterThan(INVOCATIONS);
      const refs: WindowRef[] = [];
      for await (const ref of new DynamoDbWindowIndex(table).listUnclosed()) refs.push(ref);
      const reader = new DynamoDbWindowReader(table);
      const found = [...(await reader.readWindows(refs)).values()];
      const held = await Promise.all(
        found.map(async (window) => [...(await reader.readChunks([window])).chunks.values()]),
      );
      expect(found.map(({ count }) => count)).toEqual(
        held.map((chunks) => chunks.flatMap(({ events }) => events).length),
      );
      expect(Math.max(...found.map(({ count }) => count))).toBeLessThanOrEqual(MAX_EVENTS);
      const ids = held.flat().flatMap(({ events }) => events.map(({ event }) => event.id));
      expect(ids.toSorted()).toEqual(IDS);
      // Each window but the last was closed since it was full: nobody opened one that was not needed.
      expect(found).toHaveLength(Math.ceil(INVOCATIONS / MAX_EVENTS));
    },
  );
});
