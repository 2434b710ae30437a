/** Parameters that are too large for Prefect: from records to a flow that Prefect executes, which reads them from S3. */
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { S3OverflowStore } from '../../lib/adapters/aws/s3-overflow-store.ts';
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledParameter } from '../../lib/compiled-config/compiled.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { overflow } from '../../lib/prefect/overflow.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { pythonProgram } from '../../scripts/stack/paths.ts';
import { deployFlows } from '../../scripts/stack/prefect-deployments.ts';
import { prefectEnvironment } from '../../scripts/stack/prefect-server.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { makeRoute } from '../support/builders/compiled-config.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';
import { fromSluice, importsOfFromSluice } from '../support/parts/overflow-page.ts';
import { PLENTY_OF_TIME, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { PrefectApi, type StoredFlowRun } from '../support/parts/prefect-api.ts';
import { realPipeline } from '../support/parts/real-pipeline.ts';
import { TEST_AWS } from '../support/parts/sqs-test-queue.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';

const awsEndpointUrl = inject('awsEndpointUrl');
const prefectApiUrl = inject('prefectApiUrl');
const prefect = new PrefectApi(prefectApiUrl);
const s3 = new S3Client({ ...TEST_AWS, endpoint: awsEndpointUrl });
const tables = new TemporaryTables(dynamoDbClientFor(awsEndpointUrl));
const bucket = `sluice-overflow-${randomUUID()}`;
const folder = makeTemporaryFolder('overflow-flows');
const suffix = randomUUID();
const INVOCATION: CompiledCoalescing = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 5_242_880 };

/** Both flows and the text of the page, as a user's project has them; types are those that the page recommends. */
const FLOWS = `${importsOfFromSluice()}
from pathlib import Path
from pydantic import BaseModel


${fromSluice()}

class Order(BaseModel):
    id: str


@flow(name="loose-${suffix}")
def loose(orders: list[dict], bundle: dict, text: str, count: int, result_file: str):
    parameters = {"orders": orders, "bundle": bundle, "text": text, "count": count}
    read = {name: from_sluice(value) for name, value in parameters.items()}
    Path(result_file).write_text(json.dumps(read))


@flow(name="strict-${suffix}")
def strict(orders: list[Order]):
    pass
`;

const PROJECT = `deployments:
  - { name: prod, entrypoint: "flows.py:loose", work_pool: { name: overflow } }
  - { name: prod, entrypoint: "flows.py:strict", work_pool: { name: overflow } }
`;

beforeAll(async () => {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  writeFileSync(join(folder, 'flows.py'), FLOWS);
  writeFileSync(join(folder, 'prefect.yaml'), PROJECT);
  await prefect.createWorkPool('overflow');
  await deployFlows({ apiUrl: prefectApiUrl, folder });
});
afterAll(async () => {
  await tables.deleteAll();
  rmSync(folder, { recursive: true });
});

/** Of 200 KB each: three are more than Prefect takes. */
const events = ['a', 'b', 'c', 'd'].map((id) => ({
  id,
  padding: 'ä'.repeat(30_000),
  exact: '12345678901234567890',
}));
const eventTexts = events.map((event) => JSON.stringify(event).replace(/"(\d{20})"/, '$1'));

async function deliver(
  flow: string,
  parameters: Readonly<Record<string, CompiledParameter>>,
  deliveryCount: number,
  tableName: string,
): Promise<readonly string[]> {
  const context = {
    dynamodbUrl: awsEndpointUrl,
    tableName,
    prefectApiUrl,
    flow,
    coalesce: INVOCATION,
    clockAheadMs: deliveryCount * 600_000,
  };
  const real = realPipeline(context);
  const config = sqsConfig({
    coalesce: INVOCATION,
    dedupe: { key: 'event.data.id', retentionSeconds: 86_400 },
    run: { ...makeRoute().run, flow, parameters, overflow: 's3' },
  });
  const routes = routesFrom(config, 'jobs');
  const ports = { ...real.ports, overflow: new S3OverflowStore({ client: s3, bucket }) };
  const records = eventTexts.map((text, index) => sqsRecord(`m${String(index)}`, text, deliveryCount));
  try {
    const outcomes = await runPipeline(records, { ...real, config, routes, ports }, PLENTY_OF_TIME);
    return outcomes.map(({ outcome }) => outcome.kind);
  } finally {
    real.close();
  }
}

const json = (expression: string): CompiledParameter => ({ expression, as: 'json' });

async function run(program: 'python' | 'prefect', ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(pythonProgram(program), args, {
    cwd: folder,
    env: {
      ...prefectEnvironment(folder),
      PREFECT_API_URL: prefectApiUrl,
      AWS_ENDPOINT_URL: awsEndpointUrl,
      AWS_REGION: TEST_AWS.region,
      AWS_DEFAULT_REGION: TEST_AWS.region,
      AWS_ACCESS_KEY_ID: TEST_AWS.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEST_AWS.credentials.secretAccessKey,
    },
    timeout: 120_000,
  });
  return stdout;
}

async function runsOf(flow: string): Promise<readonly StoredFlowRun[]> {
  return prefect.listFlowRuns({ deploymentId: await prefect.findDeployment(flow, 'prod') });
}

async function keysIn(prefix: string): Promise<readonly string[]> {
  const { Contents: contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }),
  );
  return contents.map(({ Key: key = '' }) => key);
}

describe('a batch that is too large for Prefect', () => {
  it('is one run of a real flow, which reads what was sent with the function of the page', async () => {
    const flow = `loose-${suffix}`;
    const resultFile = join(folder, 'result.json');
    const parameters = {
      orders: json('events.map(e, e.data)'),
      bundle: json('{"first": events[0].data, "all": events.map(e, e.data)}'),
      text: { expression: 'events.map(e, e.data)', as: 'string' },
      count: json('size(events)'),
      result_file: json(JSON.stringify(resultFile)),
    } as const;
    const tableName = await tables.create();
    expect(await deliver(flow, parameters, 1, tableName)).toEqual(Array(4).fill('created'));
    const keys = await keysIn('process-orders/');
    expect(keys).toHaveLength(3);
    // Delivered once more, the same run is found, and nothing is stored beside what it refers to.
    expect(await deliver(flow, parameters, 2, tableName)).toEqual(Array(4).fill('duplicate'));
    expect(await keysIn('process-orders/')).toEqual(keys);

    const runs = await runsOf(flow);
    expect(runs).toHaveLength(1);
    for (const { flowRunId, labels } of runs) {
      // What the page says about names of objects.
      expect(keys.every((key) => key.startsWith(`process-orders/${String(labels['sluice.batch'])}/`))).toBe(
        true,
      );
      await run('prefect', 'flow-run', 'execute', flowRunId);
      expect((await prefect.readFlowRun(flowRunId)).stateType).toBe('COMPLETED');
    }
    const read: unknown = JSON.parse(readFileSync(resultFile, 'utf8').replaceAll(/(?<=: )(\d{20})/g, '"$1"'));
    const textOfAll = `[${eventTexts.join(',')}]`;
    expect(read).toEqual({
      orders: events,
      bundle: { first: events[0], all: events },
      text: textOfAll,
      count: 4,
    });
  });

  it('is halved until it fits where the type of the flow takes no reference', async () => {
    const flow = `strict-${suffix}`;
    const parameters = { orders: json('events.map(e, e.data)') };
    expect(await deliver(flow, parameters, 1, await tables.create())).toEqual(Array(4).fill('created'));
    const runs = await runsOf(flow);
    expect(runs.length).toBeGreaterThan(1);
    const ids = runs.flatMap(({ parameters: stored }) =>
      Array.from(canonicalJson(stored).matchAll(/"id":"(\w)"/g), ([, id]) => id),
    );
    expect(ids.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(runs.some(({ parameters: stored }) => canonicalJson(stored).includes('$sluice'))).toBe(false);
  });
});

describe('the function of the page', () => {
  const program = `${importsOfFromSluice().replace(/^from prefect.*$/m, 'import sys')}
${fromSluice()}
print(json.dumps(from_sluice(json.loads(sys.argv[1]))))`;
  const readInPython = async (value: unknown): Promise<unknown> =>
    JSON.parse(await run('python', '-c', program, JSON.stringify(value))) as unknown;

  it('returns values that are not references unchanged', async () => {
    const values = [
      null,
      1,
      'text',
      '{"id": 1}',
      [],
      [1],
      [{ id: 1 }],
      { $sluice: 'other' },
      [[{ $sluice: 's3' }]],
    ];
    for (const value of values) expect(await readInPython(value)).toEqual(value);
  });

  it('reads an object by the reference that stands for it, and refuses another one under its name', async () => {
    const value = [{ id: 'ä'.repeat(100_000) }];
    const parameters = new Map([['orders', { text: JSON.stringify(value), as: 'json' } as const]]);
    const overflowed = overflow(parameters, { bucket, routeName: 'page', batchId: randomUUID() });
    if (overflowed.kind !== 'fits') throw new Error('one parameter is not too large');
    const [object] = overflowed.objects;
    const { orders } = JSON.parse(overflowed.parametersJson) as {
      readonly orders: { readonly value: string };
    };
    const reference: unknown = JSON.parse(orders.value);
    const put = (body = '') =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: object?.key, Body: body }));
    await put(object?.bodyJson);
    expect(await readInPython(reference)).toEqual(value);
    await put('[]');
    await expect(readInPython(reference)).rejects.toThrow('is not what Sluice stored');
  });
});
