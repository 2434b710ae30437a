/** The endpoint and its OpenAPI document, judged by a fuzzer that knows only the document. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openApiDocument } from '../../lib/openapi/document.ts';
import { pythonProgram } from '../../scripts/stack/paths.ts';
import { makeCompiledConfig, makeHttpSource } from '../support/compiled-config.ts';
import { makeIngestEndpoint } from '../support/make-ingest-endpoint.ts';
import { serveEndpoints, type ServedEndpoints } from '../support/served-endpoint.ts';

const SOURCES = [
  makeHttpSource({ name: 'orders-hook', path: '/orders', unwrap: ['sns', 'eventbridge', 's3'] }),
  makeHttpSource({ name: 'events', path: '/events', format: 'cloudevents' }),
  makeHttpSource({ name: 'open', path: '/open', format: 'json', verify: { scheme: 'none' } }),
];
/** What is wrong with a request is for the endpoint to say; here it is about how it says it. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'ignored_auth',
  'unsupported_method',
];

const folder = mkdtempSync(join(tmpdir(), 'sluice-openapi-'));
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
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly exitCode: unknown;
  readonly output: string;
}

function judge(openApi: string, maxExamples: number): Promise<Run> {
  const documentFile = join(folder, 'openapi.json');
  writeFileSync(documentFile, openApi);
  const args = [
    ...['run', documentFile, '--url', served.url, '--header', 'Authorization: Bearer s3cret'],
    ...['--checks', CHECKS.join(','), '--max-examples', String(maxExamples), '--seed', '1', '--no-color'],
  ];
  return new Promise((resolve) => {
    execFile(pythonProgram('schemathesis'), args, { cwd: folder }, (error, output, errorOutput) => {
      resolve({ exitCode: error?.code ?? 0, output: output + errorOutput });
    });
  });
}

describe('the endpoint', () => {
  it('answers as its OpenAPI document says, whatever schemathesis makes of that', async () => {
    const run = await judge(document, 40);
    expect(run.output).toContain('Tested: 3');
    expect(run).toMatchObject({ exitCode: 0 });
  });

  it('is found out when the document does not know one of its answers', async () => {
    const run = await judge(JSON.stringify(JSON.parse(document), withoutStatus400), 5);
    expect(run.output).toContain('Undocumented status code');
    expect(run).toMatchObject({ exitCode: 1 });
  });
});

function withoutStatus400(key: string, value: unknown): unknown {
  return key === '400' ? undefined : value;
}
