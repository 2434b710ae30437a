import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
});

async function proxyToService(): Promise<FaultProxy> {
  const server = createServer((incoming, outgoing) => incoming.resume().on('end', () => outgoing.end('ok')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  const proxy = await FaultProxy.start();
  proxy.forwardTo(`http://127.0.0.1:${String(address.port)}`);
  opened.push(proxy, {
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return proxy;
}

test('waits for no request whose sender gave up while none was let through', async () => {
  const proxy = await proxyToService();
  await proxy.quiesce(async () => {
    const sender = request(proxy.url, { method: 'POST' });
    sender.on('error', () => null);
    sender.end('{}');
    await expect.poll(() => proxy.requests).toBe(1);
    sender.destroy();
    await pause(50);
  });

  const second = proxy.quiesce(() => Promise.resolve('begun'));
  await expect(Promise.race([second, pause(2_000, 'still waiting')])).resolves.toBe('begun');
});

test('forwards what waited once it lets requests through again', async () => {
  const proxy = await proxyToService();
  const response = await proxy.quiesce(async () => {
    const sent = fetch(proxy.url, { method: 'POST', body: '{}' });
    await expect.poll(() => proxy.requests).toBe(1);
    return [sent];
  });
  await expect(Promise.all(response.map(async (sent) => (await sent).text()))).resolves.toEqual(['ok']);
});
