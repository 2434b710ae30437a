/** The contract of a document source, kept by the adapter over HTTPS. */
import { afterEach } from 'vitest';
import { HttpClient } from '../../../../lib/adapters/http/http-client.ts';
import { HttpsDocumentSource } from '../../../../lib/adapters/http/https-document-fetcher.ts';
import { defineDocumentSourceContract } from '../../../contract/document-source.contract.ts';
import { startTrustedHttpsServer } from '../../../support/parts/trusted-https-server.ts';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

defineDocumentSourceContract('HttpsDocumentSource', async () => {
  let text = 'first';
  let requests = 0;
  const server = await startTrustedHttpsServer((request, response) => {
    requests++;
    response.writeHead(request.url === '/document' ? 200 : 404).end(text);
  });
  const exchange = new HttpClient();
  closers.push(server.close, () => {
    exchange.close();
  });
  const clock = { nowEpochMs: () => 1_790_000_000_000 };
  return {
    documents: new HttpsDocumentSource({ exchange, clock, minRefreshIntervalMs: 0 }),
    url: `${server.url}/document`,
    absentUrl: `${server.url}/absent`,
    publish: (next) => {
      text = next;
      return Promise.resolve();
    },
    disconnect: server.close,
    requestCount: () => requests,
  };
});
