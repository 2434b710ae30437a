/** The fakes keep the same promises as the real parts. */
import { defineEventQueueContract } from '../../contract/event-queue.contract.ts';
import { defineOverflowStoreContract } from '../../contract/overflow-store.contract.ts';
import { defineSecretSourceContract } from '../../contract/secret-source.contract.ts';
import { InMemoryEventQueue } from './in-memory-event-queue.ts';
import { InMemoryOverflowStore } from './in-memory-overflow-store.ts';
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
