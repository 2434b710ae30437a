/**
 * From a topic of a real broker to flow runs of a real Prefect: the function in a process of its own, behind the
 * local event source mapping with the settings of the synthesized template. Both are killed.
 */
import { Type } from 'avsc';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { waitUntil } from '../../scripts/stack/process.ts';
import {
  DeployedKafkaTrigger,
  type DeployedKafkaTriggerTerms,
} from '../support/parts/deployed-kafka-trigger.ts';
import { confluentFrame } from '../support/builders/framed-values.ts';
import type { Compression, TestMessage } from '../support/parts/kafka-topics.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';

const bootstrapServer = inject('kafkaBootstrapServers');
const registryUrl = inject('schemaRegistryUrl');
const SOON_MS = 120_000;

describe.skipIf(bootstrapServer === null)('the function of a Kafka source', () => {
  let deployed: DeployedKafkaTrigger | undefined;

  afterEach(async () => {
    await deployed?.dispose();
    deployed = undefined;
  });

  const deploy = async (
    terms: Pick<DeployedKafkaTriggerTerms, 'partitions' | 'source' | 'maxEventBytes'>,
  ): Promise<DeployedKafkaTrigger> => {
    deployed = await DeployedKafkaTrigger.create({
      ...terms,
      bootstrapServer: bootstrapServer ?? '',
      awsEndpointUrl: inject('awsEndpointUrl'),
      prefectApiUrl: inject('prefectApiUrl'),
    });
    return deployed;
  };

  const idsInRuns = ({ prefect, deploymentId }: DeployedKafkaTrigger): Promise<readonly string[]> =>
    eventIdsInRuns(prefect, deploymentId);

  const untilInRuns = (trigger: DeployedKafkaTrigger, count: number): Promise<void> =>
    waitUntil(async () => (await idsInRuns(trigger)).length >= count, SOON_MS);

  const untilAllDone = (trigger: DeployedKafkaTrigger): Promise<void> =>
    waitUntil(async () => (await trigger.lag()) === 0n, SOON_MS, 100);

  describe('has every record in exactly one run', () => {
    it.each(['suffix', 'items'] as const)(
      'though the function is killed, then the poller, and the group is rebalanced, with retries of $0',
      async (retryMode) => {
        const trigger = await deploy({ partitions: 6 });
        const ids = Array.from({ length: 1_000 }, (_, index) => `order-${String(index).padStart(4, '0')}`);
        const send = (from: number, to: number, compression?: Compression): Promise<void> =>
          trigger.topics.send(trigger.topic, ordersOf(ids.slice(from, to), 6), compression);

        await send(0, 100);
        await send(100, 200, 'gzip');
        await send(200, 300, 'zstd');
        const first = await trigger.startPoller(retryMode);
        await untilInRuns(trigger, 1);
        first.killFunction();

        await trigger.topics.sendInTransaction(
          trigger.topic,
          ordersOf(['aborted-1', 'aborted-2'], 6),
          'abort',
        );
        await trigger.topics.sendInTransaction(trigger.topic, ordersOf(ids.slice(300, 400), 6), 'commit');
        await trigger.startPoller(retryMode);
        await send(400, 500, 'snappy');
        await send(500, 600, 'lz4');
        await untilInRuns(trigger, 301);
        await send(600, 1_000);
        // What a producer sends again lies at other offsets, and in other partitions here.
        await trigger.topics.send(trigger.topic, ordersOf(ids.slice(550, 650), 5));
        await first.kill();

        await untilAllDone(trigger);
        expect(await idsInRuns(trigger)).toEqual(ids);
      },
    );
  });

  describe('sets poison aside, with where it was and why, and nothing else', () => {
    it('from JSON: broken and oversize records in every partition', async () => {
      const trigger = await deploy({ partitions: 3, maxEventBytes: 10_000 });
      const partitions = [0, 1, 2];
      await trigger.topics.send(
        trigger.topic,
        partitions.flatMap((partition) =>
          [
            order(`a-${String(partition)}`),
            Buffer.from('{"id": "brok'),
            order(`b-${String(partition)}`),
            order('x'.repeat(20_000)),
            order(`c-${String(partition)}`),
          ].map((value) => ({ value, partition })),
        ),
      );
      await trigger.startPoller();
      await untilAllDone(trigger);
      expect(await idsInRuns(trigger)).toEqual(
        ['a', 'b', 'c'].flatMap((letter) => partitions.map((partition) => `${letter}-${String(partition)}`)),
      );
      expect(await deadLettersOf(trigger, 6)).toEqual(
        partitions.flatMap((partition) => [
          { topic: trigger.topic, partition, offset: 1, code: 'invalid-json' },
          { topic: trigger.topic, partition, offset: 3, code: 'too-large' },
        ]),
      );
    });

    it.skipIf(registryUrl === null)(
      'from Avro: values that are not of their schema, or of one that nobody knows, in every partition',
      async () => {
        const trigger = await deploy({ partitions: 3, source: avroSource(registryUrl ?? '') });
        const schemaId = await registerSchema(`${trigger.topic}-value`);
        const partitions = [0, 1, 2];
        await trigger.topics.send(
          trigger.topic,
          partitions.flatMap((partition) =>
            [
              avroOrder(schemaId, `a-${String(partition)}`),
              confluentFrame(schemaId, Buffer.from([0x7f])),
              avroOrder(987_654_321, 'of an unknown schema'),
              avroOrder(schemaId, `b-${String(partition)}`),
            ].map((value) => ({ value, partition })),
          ),
        );
        await trigger.startPoller();
        await untilAllDone(trigger);
        expect(await idsInRuns(trigger)).toEqual(
          ['a', 'b'].flatMap((letter) => partitions.map((partition) => `${letter}-${String(partition)}`)),
        );
        expect(await deadLettersOf(trigger, 6)).toEqual(
          partitions.flatMap((partition) => [
            { topic: trigger.topic, partition, offset: 1, code: 'schema-mismatch' },
            { topic: trigger.topic, partition, offset: 2, code: 'schema-unknown' },
          ]),
        );
      },
    );
  });

  it.skipIf(registryUrl === null)(
    'waits for a schema registry that is down: nothing is dead-lettered, and all arrives once it is up',
    async () => {
      const gate = await RegistryGate.open(registryUrl ?? '');
      try {
        const trigger = await deploy({ partitions: 2, source: avroSource(gate.url) });
        const schemaId = await registerSchema(`${trigger.topic}-value`);
        const ids = Array.from({ length: 20 }, (_, index) => `order-${String(index).padStart(2, '0')}`);
        await trigger.topics.send(
          trigger.topic,
          ids.map((id, index) => ({ value: avroOrder(schemaId, id), partition: index % 2 })),
        );
        await trigger.startPoller();
        await waitUntil(() => Promise.resolve(gate.refusals >= 3), SOON_MS);
        expect(await idsInRuns(trigger)).toEqual([]);
        expect(await trigger.lag()).toBe(20n);
        gate.isUp = true;
        await untilAllDone(trigger);
        expect(await idsInRuns(trigger)).toEqual(ids);
        expect(await trigger.deadLetters.isEmpty()).toBe(true);
      } finally {
        await gate.close();
      }
    },
  );
});

/** Stands before a real registry, and hangs up on everybody until it is told that it is up. */
class RegistryGate {
  isUp = false;
  refusals = 0;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async open(registry: string): Promise<RegistryGate> {
    const { origin, pathname } = new URL(registry);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const gate = new RegistryGate(server, `http://127.0.0.1:${String(port)}${pathname}`);
    server.on('request', (request, response) => {
      if (!gate.isUp) {
        gate.refusals += 1;
        request.socket.destroy();
        return;
      }
      void fetch(`${origin}${request.url ?? ''}`).then(async (answer) => {
        const contentType = answer.headers.get('content-type') ?? '';
        response.writeHead(answer.status, { 'content-type': contentType }).end(await answer.text());
      });
    });
    return gate;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const avroType = Type.forSchema({
  type: 'record',
  name: 'Order',
  fields: [{ name: 'id', type: 'string' }],
});

function avroSource(url: string): NonNullable<DeployedKafkaTriggerTerms['source']> {
  return { format: 'avro', schemaRegistry: { kind: 'confluent', url, authSecret: null } };
}

function avroOrder(schemaId: number, id: string): Buffer {
  return confluentFrame(schemaId, avroType.toBuffer({ id }));
}

const Registered = z.object({ id: z.number() });

async function registerSchema(subject: string): Promise<number> {
  const response = await fetch(`${registryUrl ?? ''}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(avroType.schema()) }),
  });
  return Registered.parse(await response.json()).id;
}

function order(id: string): Buffer {
  return Buffer.from(JSON.stringify({ id }));
}

/** Spread over that many partitions. */
function ordersOf(ids: readonly string[], partitions: number): TestMessage[] {
  return ids.map((id, index) => ({ value: order(id), partition: index % partitions }));
}

const Letter = z.object({
  code: z.string(),
  detail: z.string().min(1),
  origin: z.object({ topic: z.string(), partition: z.number(), offset: z.number() }),
});

/** In the order of the log, and no more than that many: that the queue is empty then is asserted as well. */
async function deadLettersOf(
  { deadLetters }: DeployedKafkaTrigger,
  count: number,
): Promise<readonly object[]> {
  const messages = await deadLetters.receive(count);
  expect(await deadLetters.isEmpty()).toBe(true);
  return messages
    .map(({ body }) => Letter.parse(JSON.parse(body)))
    .map(({ code, origin: { topic, partition, offset } }) => ({ topic, partition, offset, code }))
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
