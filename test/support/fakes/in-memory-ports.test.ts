/** The fakes keep the same promises as the real parts. */
import { defineDocumentSourceContract } from '../../contract/document-source.contract.ts';
import { defineEventQueueContract } from '../../contract/event-queue.contract.ts';
import { defineOverflowStoreContract } from '../../contract/overflow-store.contract.ts';
import { defineRedriveQueueContract } from '../../contract/redrive-queue.contract.ts';
import { defineSchemaRegistryContract } from '../../contract/schema-registry.contract.ts';
import { defineSecretSourceContract } from '../../contract/secret-source.contract.ts';
import { makeHiddenMessage } from '../builders/make-dead-letter.ts';
import { InMemoryDocumentSource } from './in-memory-document-source.ts';
import { InMemoryEventQueue } from './in-memory-event-queue.ts';
import { InMemoryOverflowStore } from './in-memory-overflow-store.ts';
import { InMemoryRedriveQueue } from './in-memory-redrive-queue.ts';
import { InMemorySchemaRegistry } from './in-memory-schema-registry.ts';
import { InMemorySecretSource } from './in-memory-secret-source.ts';

defineEventQueueContract('InMemoryEventQueue', () => {
  const queue = new InMemoryEventQueue();
  return Promise.resolve({
    queue,
    receiveMessages: (count) => Promise.resolve(queue.messages.splice(0, count)),
    takeAway: () => {
      queue.isAvailable = false;
      return Promise.resolve();
    },
  });
});

defineSecretSourceContract('InMemorySecretSource', () => {
  const secrets = new InMemorySecretSource({ secret: 'first' });
  return Promise.resolve({
    secrets,
    secretId: 'secret',
    changeTo: (text) => {
      secrets.rotate('secret', text);
      return Promise.resolve();
    },
  });
});

defineOverflowStoreContract('InMemoryOverflowStore', () => {
  const store = new InMemoryOverflowStore();
  return Promise.resolve({ store, read: (key) => Promise.resolve(store.bodies.get(key)) });
});

defineSchemaRegistryContract('InMemorySchemaRegistry', () => {
  const registry = new InMemorySchemaRegistry({});
  const unreachable = new InMemorySchemaRegistry({});
  unreachable.isReachable = false;
  let lastId = 0;
  return Promise.resolve({
    registry,
    register: (schema, subject) => {
      lastId += 1;
      const id = { kind: 'confluent-id', id: lastId } as const;
      registry.add(id, { kind: 'schema', schema: { ...schema, subjects: [subject] } });
      return Promise.resolve(id);
    },
    unknownId: { kind: 'confluent-id', id: 2_000_000_000 },
    foreignId: { kind: 'glue', versionId: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0' },
    unreachable,
  });
});

defineDocumentSourceContract('InMemoryDocumentSource', () => {
  const url = 'https://issuer.example/document';
  const absentUrl = 'https://issuer.example/absent';
  const documents = new InMemoryDocumentSource({ [url]: 'first' }, (visited) => visited !== absentUrl);
  return Promise.resolve({
    documents,
    url,
    absentUrl,
    publish: (text) => {
      documents.replace(url, text);
      return Promise.resolve();
    },
    disconnect: () => {
      documents.isAvailable = false;
      return Promise.resolve();
    },
    requestCount: () => documents.visits.length,
  });
});

defineRedriveQueueContract('InMemoryRedriveQueue', () => {
  const queue = new InMemoryRedriveQueue();
  return Promise.resolve({
    queue,
    send: (body, attributes = {}) => {
      const headerList = Object.entries(attributes).map(([name, value]) => ({ name, value }));
      const named = headerList.flatMap(({ name, value }) =>
        typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
      );
      const sentAtEpochMs = Date.now();
      queue.send({ ...makeHiddenMessage(body, { attributes: new Map(named), sentAtEpochMs }), headerList });
      return Promise.resolve();
    },
  });
});
