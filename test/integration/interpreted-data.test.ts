/** Data that Prefect would interpret: from records to a flow that a real worker runs, which sees what was sent. */
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledParameter, CompiledRun } from '../../lib/compiled-config/compiled.ts';
import { holdsTemplateMarker } from '../../lib/event/template-marker.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { pythonProgram } from '../../scripts/stack/paths.ts';
import { deployFlows } from '../../scripts/stack/prefect-deployments.ts';
import { prefectEnvironment } from '../../scripts/stack/prefect-server.ts';
import { startPrefectWorker, type PrefectWorker } from '../../scripts/stack/prefect-worker.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { makeRoute } from '../support/builders/compiled-config.ts';
import { canonicalJson, parseExactJson, type ExactJson } from '../support/builders/exact-json.ts';
import { jsonText } from '../support/builders/json-text.ts';
import { PLENTY_OF_TIME, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { fromSluice, importsOfFromSluice } from '../support/parts/overflow-page.ts';
import { PrefectApi, type StoredFlowRun } from '../support/parts/prefect-api.ts';
import { realPipeline } from '../support/parts/real-pipeline.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';

const awsEndpointUrl = inject('awsEndpointUrl');
const prefectApiUrl = inject('prefectApiUrl');
const prefect = new PrefectApi(prefectApiUrl);
const tables = new TemporaryTables(dynamoDbClientFor(awsEndpointUrl));
const folder = makeTemporaryFolder('interpreted-data-flows');
const suffix = randomUUID();
const flow = `interpreted-${suffix}`;
const block = `db-password-${suffix}`;
const variable = `leak_${suffix.replaceAll('-', '_')}`;
const SECRET = 'hunter2-is-not-for-senders';
const coalesce: CompiledCoalescing = { mode: 'invocation', key: null, maxEvents: 400, maxBytes: 5_242_880 };
/** The deepest that `limits.maxDepth` allows. */
const MAX_DEPTH = 200;

const FLOWS = `${importsOfFromSluice().replace('import boto3\n', '')}
from pathlib import Path


class boto3:
    """No parameter of this flow refers to S3."""


${fromSluice()}

@flow(name="${flow}")
def interpreted(orders: list[dict], first: dict, text: str, folder: str):
    seen = {"orders": orders, "first": first, "text": text}
    read = {name: from_sluice(value) for name, value in seen.items()}
    Path(folder, f"seen-{len(orders)}.json").write_text(json.dumps(seen))
    Path(folder, f"read-{len(orders)}.json").write_text(json.dumps(read))
`;

const SECRETS = `
from prefect.blocks.system import Secret
from prefect.variables import Variable
Secret(value="${SECRET}").save("${block}")
Variable.set("${variable}", "${SECRET}")
`;

let worker: PrefectWorker;

beforeAll(async () => {
  writeFileSync(join(folder, 'flows.py'), FLOWS);
  const deployment = `{ name: prod, entrypoint: "flows.py:interpreted", work_pool: { name: interpreted } }`;
  writeFileSync(join(folder, 'prefect.yaml'), `deployments:\n  - ${deployment}\n`);
  await prefect.createWorkPool('interpreted');
  await deployFlows({ apiUrl: prefectApiUrl, folder });
  await promisify(execFile)(pythonProgram('python'), ['-c', SECRETS], {
    env: { ...prefectEnvironment(folder), PREFECT_API_URL: prefectApiUrl },
    timeout: 120_000,
  });
  worker = await startPrefectWorker({ apiUrl: prefectApiUrl, workPool: 'interpreted' });
});
afterAll(async () => {
  await worker.stop();
  await tables.deleteAll();
  rmSync(folder, { recursive: true });
});

const json = (expression: string): CompiledParameter => ({ expression, as: 'json' });

async function deliver(
  bodies: readonly string[],
  templateMarkers: CompiledRun['templateMarkers'],
): Promise<readonly string[]> {
  const tableName = await tables.create();
  const context = { dynamodbUrl: awsEndpointUrl, tableName, prefectApiUrl, flow, coalesce, clockAheadMs: 0 };
  const real = realPipeline(context);
  const parameters = {
    orders: json('events.map(e, e.data)'),
    first: json('events[0]'),
    text: { expression: 'events.map(e, e.data)', as: 'string' },
    folder: json(JSON.stringify(folder)),
  } as const;
  const run = { ...makeRoute().run, flow, parameters, templateMarkers };
  const config = {
    ...sqsConfig({ coalesce, run }),
    limits: { maxEventBytes: 409_600, maxDepth: MAX_DEPTH, maxKeys: 10_000 },
  };
  try {
    const records = bodies.map((body, index) => sqsRecord(`m${String(index)}`, body));
    const outcomes = await runPipeline(
      records,
      { ...real, config, routes: routesFrom(config, 'jobs') },
      PLENTY_OF_TIME,
    );
    const byRecord = new Map(outcomes.map(({ record, outcome }) => [record.recordId, outcome.kind]));
    return records.map(({ recordId }) => byRecord.get(recordId) ?? 'none');
  } finally {
    real.close();
  }
}

async function finishedRun(known: ReadonlySet<string>): Promise<StoredFlowRun> {
  const deploymentId = await prefect.findDeployment(flow, 'prod');
  for (;;) {
    const runs = await prefect.listFlowRuns({ deploymentId });
    const [run] = runs.filter(({ flowRunId }) => !known.has(flowRunId));
    if (run !== undefined && ['COMPLETED', 'FAILED', 'CRASHED'].includes(run.stateType)) return run;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const HOSTILE = [
  '{"orderId":"R2","customer":{"$ref":"customers","$id":"65f0"}}',
  '{"schema":{"properties":{"a":{"$ref":"#/$defs/A"}}}}',
  `{"note":{"$ref":{"block_document_slug":"secret/${block}"}}}`,
  `{"$ref":{"block_document_slug":"secret/${block}"}}`,
  `{"note":[[{"\\u0024ref":{"block_document_slug":"secret/${block}"}}]]}`,
  '{"$ref":"00000000-0000-0000-0000-000000000000"}',
  '{"$ref":null}',
  `{"__prefect_kind":"workspace_variable","variable_name":"${variable}"}`,
  '{"deep":{"__prefect_kind":"jinja","template":"{{ 40 + 2 }}"}}',
  `{"text":"{{ prefect.blocks.secret.${block} }} {{ prefect.variables.${variable} }} {{ $${variable} }}"}`,
  '{"$sluice":"s3","bucket":"other","key":"secret","sha256":""}',
  '{"$sluice":"json","value":"{"}',
  '{"nested":{"$sluice":"json","value":{"$ref":1}}}',
  '{"block_type_slug":"secret","_block_type_slug":"secret","value":"x"}',
  `${'{"d":'.repeat(MAX_DEPTH)}1${'}'.repeat(MAX_DEPTH)}`,
  `${'{"d":'.repeat(MAX_DEPTH - 1)}{"$ref":1}${'}'.repeat(MAX_DEPTH - 1)}`,
];

describe('data that Prefect would interpret', () => {
  it('reaches the flow of a real worker as it was sent, and brings nothing along that was not', async () => {
    const arbitrary = fc.sample(jsonText, { numRuns: 150, seed: 11 }).map((text) => `{"doc":${text}}`);
    const bodies = [...HOSTILE, ...arbitrary];
    expect(await deliver(bodies, 'escape')).toEqual(bodies.map(() => 'created'));

    const run = await finishedRun(new Set());
    expect(run.stateType).toBe('COMPLETED');
    expect(holdsTemplateMarker(run.parameters)).toBe(false);
    const seen = readFileSync(join(folder, `seen-${bodies.length}.json`), 'utf8');
    const read = readFileSync(join(folder, `read-${bodies.length}.json`), 'utf8');
    expect(seen + read + canonicalJson(run.parameters)).not.toContain(SECRET);
    const { orders, first, text } = parseExactJson(read) as {
      orders: ExactJson;
      first: ExactJson;
      text: string;
    };
    const sent = canonicalJson(parseExactJson(`[${bodies.join(',')}]`));
    expect(canonicalJson(orders)).toBe(sent);
    expect(canonicalJson(parseExactJson(text))).toBe(sent);
    expect(canonicalJson(first)).toContain(canonicalJson(parseExactJson(HOSTILE[0] ?? '')));
  });

  it('costs its own event alone where the route refuses it: the others reach the flow', async () => {
    const known = new Set([(await finishedRun(new Set())).flowRunId]);
    const good = ['{"orderId":"R1"}', '{"orderId":"R3"}'] as const;
    const bodies = [good[0], HOSTILE[0] ?? '', good[1], HOSTILE[2] ?? ''];
    expect(await deliver(bodies, 'refuse')).toEqual(['created', 'dead-lettered', 'created', 'dead-lettered']);
    expect((await finishedRun(known)).stateType).toBe('COMPLETED');
    const { orders } = JSON.parse(readFileSync(join(folder, 'seen-2.json'), 'utf8')) as { orders: unknown };
    expect(orders).toEqual(good.map((body) => JSON.parse(body) as unknown));
  });

  it('would be loaded by the worker if it were sent as it is, which shows that the tests above can fail', async () => {
    const deploymentId = await prefect.findDeployment(flow, 'prod');
    const known = new Set((await prefect.listFlowRuns({ deploymentId })).map(({ flowRunId }) => flowRunId));
    const orders = [{ note: { $ref: { block_document_slug: `secret/${block}` } } }];
    const response = await fetch(`${prefectApiUrl}/deployments/${deploymentId}/create_flow_run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ parameters: { orders, first: {}, text: '', folder } }),
    });
    expect(response.status).toBe(201);
    const { stateType, stateMessage } = await finishedRun(known);
    expect([stateType, stateMessage]).toEqual(['FAILED', expect.stringContaining('Secret')]);
  });
});
