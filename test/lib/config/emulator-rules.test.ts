import { describe, expect, it } from 'vitest';
import { loadConfigText } from '../../../lib/config/load-config.ts';

function warningsOf(prefectUrl: string, sources: string): readonly string[] {
  const result = loadConfigText(
    `prefect: { apiUrl: "${prefectUrl}", auth: none }
sources: { jobs: { ${sources} } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
  return result.ok ? result.warnings.map(({ code, path }) => `${code} ${path}`) : ['not loaded'];
}

const QUEUE = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';

describe('addresses and accounts of a local emulator', () => {
  it.each(['http://127.0.0.1:4200/api', 'http://localhost:4200/api', 'http://[::1]:4200/api'])(
    'warns that Lambda cannot reach a Prefect server at %s',
    (url) => {
      expect(warningsOf(url, QUEUE)).toEqual(['loopback-address prefect.apiUrl']);
    },
  );

  it.each(['https://prefect.internal/api', 'https://127.example.com/api', 'https://localhost.example/api'])(
    'does not warn about a Prefect server at %s',
    (url) => {
      expect(warningsOf(url, QUEUE)).toEqual([]);
    },
  );

  it('names each broker and the schema registry on a loopback address', () => {
    const sources =
      'type: kafka, bootstrapServers: ["broker.internal:9092", "127.0.0.1:9092"], auth: none, topics: [jobs], schemaRegistry: { type: confluent, url: "http://localhost:8081" }';
    expect(warningsOf('https://prefect.internal/api', sources)).toEqual([
      'loopback-address sources.jobs.bootstrapServers[1]',
      'loopback-address sources.jobs.schemaRegistry.url',
    ]);
  });

  it('names each ARN of account 000000000000, and compiles all the same', () => {
    expect(
      warningsOf(
        'https://prefect.internal/api',
        'type: http, path: /a, verify: { scheme: sns, topics: ["arn:aws:sns:us-east-1:000000000000:orders"] }',
      ),
    ).toEqual(['emulator-account sources.jobs.verify.topics[0]']);
  });
});
