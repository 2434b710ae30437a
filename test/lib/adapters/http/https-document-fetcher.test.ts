import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../lib/adapters/http/http-client.ts';
import {
  HttpsDocumentSource,
  type HttpsDocumentSourceOptions,
} from '../../../../lib/adapters/http/https-document-fetcher.ts';
import { DocumentUnavailableError } from '../../../../lib/unavailable-error.ts';
import {
  answers,
  startScriptedHttpServer,
  type Script,
  type ScriptedHttpServer,
} from '../../../support/fakes/scripted-http-server.ts';

let nowEpochMs: number;
let exchange: HttpClient;
let server: ScriptedHttpServer | undefined;

beforeEach(() => {
  nowEpochMs = 1_790_000_000_000;
  exchange = new HttpClient();
});

afterEach(async () => {
  exchange.close();
  await server?.close();
});

async function start(script: Script, options: Partial<HttpsDocumentSourceOptions> = {}) {
  server = await startScriptedHttpServer(script);
  const { url, requests } = server;
  const clock = { nowEpochMs: () => nowEpochMs };
  return { documents: new HttpsDocumentSource({ exchange, clock, ...options }), url, requests };
}

/** The path of the request, and how many there were before it. */
const counting = (): Script => {
  let count = 0;
  return (seen, response) => response.end(`${seen.path} ${count++}`);
};

describe('HttpsDocumentSource', () => {
  it('fetches a document once for as long as it may be used', async () => {
    const { documents, url } = await start(counting());
    expect(await documents.readDocument(`${url}/a`, false)).toBe('/a 0');
    nowEpochMs += 3_599_999;
    expect(await documents.readDocument(`${url}/a`, false)).toBe('/a 0');
    nowEpochMs += 1;
    expect(await documents.readDocument(`${url}/a`, false)).toBe('/a 1');
  });

  it('fetches it anew when asked to, but not again at once', async () => {
    const { documents, url } = await start(counting());
    await documents.readDocument(`${url}/a`, false);
    expect(await documents.readDocument(`${url}/a`, true)).toBe('/a 0');
    nowEpochMs += 30_000;
    expect(await documents.readDocument(`${url}/a`, true)).toBe('/a 1');
    expect(await documents.readDocument(`${url}/a`, true)).toBe('/a 1');
  });

  it('asks once when many want the same document at the same time', async () => {
    const { documents, url, requests } = await start(counting());
    const texts = await Promise.all([1, 2, 3].map(() => documents.readDocument(`${url}/a`, false)));
    expect(texts).toEqual(['/a 0', '/a 0', '/a 0']);
    expect(requests).toHaveLength(1);
  });

  it('uses a document on while its server fails, and asks no more than before', async () => {
    const { documents, url, requests } = await start(answers({ status: 200, json: 1 }, { status: 500 }));
    await documents.readDocument(url, false);
    nowEpochMs += 3_600_000;
    expect(await documents.readDocument(url, false)).toBe('1');
    expect(await documents.readDocument(url, false)).toBe('1');
    expect(requests).toHaveLength(2);
  });

  it.each([
    [404, false],
    [403, false],
    [302, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])('says of the answer %i whether another time may help: %s', async (status, retryable) => {
    const { documents, url } = await start(answers({ status, headers: { location: '/b' } }));
    const failure = documents.readDocument(`${url}/a`, false);
    await expect(failure).rejects.toThrow(DocumentUnavailableError);
    await expect(failure).rejects.toMatchObject({ retryable });
  });

  it('waits no longer than it may, and reads no more than it may', async () => {
    const silent = await start(() => undefined, { timeoutMs: 50 });
    await expect(silent.documents.readDocument(silent.url, false)).rejects.toMatchObject({ retryable: true });
    await server?.close();
    const endless = await start((_seen, response) => response.end('x'.repeat(65_537)));
    await expect(endless.documents.readDocument(endless.url, false)).rejects.toThrow(
      'longer than 65536 bytes',
    );
  });

  it('limits the documents fetched per minute, whichever request names them, and logs no queries', async () => {
    const { documents, url, requests } = await start(counting(), { maxFetchesPerMinute: 3 });
    for (const path of ['/1', '/2', '/3']) await documents.readDocument(url + path, false);
    const failure = documents.readDocument(`${url}/4?token=hunter2`, false);
    await expect(failure).rejects.toMatchObject({ retryable: true });
    await expect(failure).rejects.not.toThrow('hunter2');
    expect(await documents.readDocument(`${url}/1`, false)).toBe('/1 0');
    expect(requests).toHaveLength(3);
    nowEpochMs += 60_000;
    expect(await documents.readDocument(`${url}/4`, false)).toBe('/4 3');
  });

  it('keeps the 16 documents that were fetched last', async () => {
    const { documents, url } = await start(counting());
    for (let index = 0; index <= 16; index++) await documents.readDocument(`${url}/${index}`, false);
    expect(await documents.readDocument(`${url}/16`, false)).toBe('/16 16');
    expect(await documents.readDocument(`${url}/0`, false)).toBe('/0 17');
  });

  it('visits a URL each time', async () => {
    const { documents, url, requests } = await start(
      answers({ status: 200 }, { status: 200 }, { status: 403 }),
    );
    await documents.visit(`${url}/?a=b`);
    await documents.visit(`${url}/?a=b`);
    await expect(documents.visit(`${url}/?a=b`)).rejects.toMatchObject({ retryable: false });
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(3).fill('GET /?a=b'));
  });
});
