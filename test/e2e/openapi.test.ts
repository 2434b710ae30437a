/** The deployed endpoint, judged by a fuzzer that knows only what `sluice openapi` prints. */
import { expect, it } from 'vitest';
import { openApi } from '../../cli/openapi.ts';
import { endpointOf, eventually, messageCount, storeSecret } from '../support/parts/every-source.ts';
import { judgeEndpoint } from '../support/parts/schemathesis.ts';
import { EVERY_SOURCE_CONFIG } from '../support/setup/every-source-deployment.ts';

const BEARER_TOKEN = 'sender:of-the-tests';

const FUZZED_SOURCES = ['fuzzed-auto', 'fuzzed-cloudevents', 'fuzzed-json'];

interface Document {
  readonly paths: Readonly<Record<string, unknown>>;
}

/** As printed, with the paths that no route reads and that no sender has to sign for. */
function documentOf(serverUrl: string): string {
  const document = JSON.parse(openApi(EVERY_SOURCE_CONFIG, { server: serverUrl }).output) as Document;
  const fuzzed = Object.entries(document.paths).filter(([path]) => path.startsWith('/fuzzed/'));
  return JSON.stringify({ ...document, paths: Object.fromEntries(fuzzed) });
}

it('The deployed endpoint responds as its OpenAPI document says, and dead-letters nothing that it accepted.', async () => {
  await storeSecret('sluice/e2e/bearer', BEARER_TOKEN);
  const url = endpointOf('fuzzed-auto').replace('/fuzzed/auto', '');
  const document = documentOf(url);
  const judgement = await judgeEndpoint({
    document,
    url,
    bearerToken: BEARER_TOKEN,
    maxExamples: 60,
    // API Gateway answers 404 to a method without a route; where a request reaches the function, it answers 405.
    skippedChecks: ['unsupported_method'],
  });
  expect(judgement.output).toContain('Tested: 3');
  expect(judgement).toMatchObject({ exitCode: 0 });
  await eventually(async () => {
    const counts = await Promise.all(FUZZED_SOURCES.map(messageCount));
    return counts.every((count) => count === 0);
  });
});
