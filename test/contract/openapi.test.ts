/** The endpoint and its OpenAPI document, judged by a fuzzer; `test/e2e/openapi.test.ts` does it where it is deployed. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openApiDocument } from '../../lib/openapi/document.ts';
import { makeCompiledConfig, makeHttpSource } from '../support/builders/compiled-config.ts';
import { makeIngestEndpoint } from '../support/builders/make-ingest-endpoint.ts';
import { judgeEndpoint, type Judgement } from '../support/parts/schemathesis.ts';
import { serveEndpoints, type ServedEndpoints } from '../support/parts/served-endpoint.ts';

const SOURCES = [
  makeHttpSource({ name: 'orders-hook', path: '/orders', unwrap: ['sns', 'eventbridge', 's3'] }),
  makeHttpSource({ name: 'events', path: '/events', format: 'cloudevents' }),
  makeHttpSource({ name: 'open', path: '/open', format: 'json', verify: { scheme: 'none' } }),
  makeHttpSource({ name: 'asked', path: '/asked', respond: { mode: 'run', maxWaitSeconds: 10 } }),
];

let served: ServedEndpoints;
let document = '';

beforeAll(async () => {
  const config = makeCompiledConfig(SOURCES);
  served = await serveEndpoints(
    new Map(SOURCES.map((source) => [source.path, makeIngestEndpoint(source, config.limits).send])),
  );
  document = JSON.stringify(openApiDocument(config, served.url));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await served.close();
});

function judge(openApi: string, maxExamples: number): Promise<Judgement> {
  return judgeEndpoint({ document: openApi, url: served.url, bearerToken: 's3cret', maxExamples });
}

describe('the endpoint', () => {
  it('answers as its OpenAPI document says, whatever schemathesis makes of that', async () => {
    const judgement = await judge(document, 40);
    expect(judgement.output).toContain('Tested: 4');
    expect(judgement).toMatchObject({ exitCode: 0 });
  });

  it('is found out when the document does not know one of its answers', async () => {
    const judgement = await judge(JSON.stringify(JSON.parse(document), withoutStatus400), 5);
    expect(judgement.output).toContain('Undocumented status code');
    expect(judgement).toMatchObject({ exitCode: 1 });
  });
});

function withoutStatus400(key: string, value: unknown): unknown {
  return key === '400' ? undefined : value;
}
