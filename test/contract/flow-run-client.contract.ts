/** What every Prefect has to do for the claim protocol, the one in memory and the one on a database. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FlowRunRecord, FlowRunResult, FlowRunClient, FlowRunRequest } from '../../lib/ports.ts';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import {
  deadRunRequest,
  liveRunRequest,
  supersedingRunRequest,
  type LiveRun,
  type LiveRunOptions,
} from '../../lib/prefect/flow-run-request.ts';
import { MAX_COUNTED_SIZE, countedSize, renderParameters } from '../../lib/prefect/parameters.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';
import type { ContractDeployment, PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';

const TIMEOUT_MS = 30_000;

export function defineFlowRunClientContract(name: string, make: () => Promise<PrefectContractParts>): void {
  describe(`a flow run client on ${name}`, () => {
    let prefect: PrefectContractParts;
    let deployment: ContractDeployment;

    beforeAll(async () => {
      prefect = await make();
      deployment = await prefect.createDeployment();
    });

    afterAll(async () => {
      await prefect.close();
    });

    const request = (changes: Partial<LiveRun> = {}): FlowRunRequest =>
      liveRunRequest({
        batchId: newBatchId(deployment),
        routeName: 'process-orders',
        routeTags: [],
        configHash: '0123456789abcdef',
        members: [memberId(), memberId()],
        flushReason: 'invocation',
        parametersJson: parametersOf({ orders: '[{"total":1}]' }),
        timeoutMs: TIMEOUT_MS,
        ...changes,
      });

    const deadRequest = (batchId: string, member: string): FlowRunRequest =>
      deadRunRequest({
        batchId,
        routeName: 'process-orders',
        routeTags: [],
        configHash: '0123456789abcdef',
        member,
        deadCode: 'refused-by-prefect',
        detail: 'parameter n does not match\0 the schema',
        timeoutMs: TIMEOUT_MS,
      });

    test('a new run carries its name, its tags, its labels and its parameters', async () => {
      const members = [memberId(), memberId(), memberId()];
      const batchId = newBatchId(deployment);
      const sent = request({ batchId, members, routeTags: ['team:shop'] });

      const record = recordOf(await prefect.client.createFlowRun(sent));
      const run = await prefect.readFlowRun(record.flowRunId);

      expect(record).toEqual({
        kind: 'flow-run',
        batchId,
        flowRunId: run.flowRunId,
        members,
        deadCode: null,
      });
      expect(run).toMatchObject({
        name: sent.name,
        idempotencyKey: `sluice1:${batchId}`,
        stateType: 'SCHEDULED',
      });
      expect([...run.tags].sort()).toEqual(['route:process-orders', 'sluice', 'team:shop']);
      expect(run.labels).toMatchObject(sent.labels);
      expect(canonicalJson(run.parameters)).toBe('{"orders":[{"total":1e0}]}');
    });

    test('a new run carries its own name, its work queue, its start and its job variables', async () => {
      const workPool = await prefect.createWorkPool();
      await prefect.createWorkQueue(workPool, 'high');
      const own = await prefect.createDeployment({ workPool });
      const startAtEpochMs = Date.now() + 3_600_000;
      const options: LiveRunOptions = {
        name: 'orders of 😀 é',
        tags: ['region:eu', 'sluice'],
        workQueue: 'high',
        startAtEpochMs,
        // Prefect checks variables of the pool's template, and takes unknown ones.
        jobVariablesJson: '{"working_dir":"/srv","cpu":12345678901234567890}',
      };
      const sent = request({ batchId: newBatchId(own), options });

      const record = recordOf(await prefect.client.createFlowRun(sent));
      const run = await prefect.readFlowRun(record.flowRunId);

      expect(run).toMatchObject({ name: 'orders of 😀 é', workQueue: 'high', startAtEpochMs });
      expect(run).toMatchObject({ stateType: 'SCHEDULED', stateName: 'Scheduled' });
      expect([...run.tags].sort()).toEqual(['region:eu', 'route:process-orders', 'sluice']);
      expect(canonicalJson(run.jobVariables)).toBe('{"cpu":1234567890123456789e1,"working_dir":"/srv"}');
    });

    test('a start is not moved by another create under its key', async () => {
      const startAtEpochMs = Date.now() + 3_600_000;
      const options = { name: null, tags: [], workQueue: null, jobVariablesJson: null };
      const first = request({ options: { ...options, startAtEpochMs } });
      const created = recordOf(await prefect.client.createFlowRun(first));
      const second = { ...first, startAtEpochMs: startAtEpochMs + 3_600_000 };

      expect(recordOf(await prefect.client.createFlowRun(second))).toEqual(created);
      expect((await prefect.readFlowRun(created.flowRunId)).startAtEpochMs).toBe(startAtEpochMs);
    });

    test('a queue that is not there is created by Prefect: it has to be looked for before', async () => {
      const workPool = await prefect.createWorkPool();
      const own = await prefect.createDeployment({ workPool });
      const queue = `queue ${randomUUID()}`;
      const options = { name: null, tags: [], startAtEpochMs: null, jobVariablesJson: null };
      const sent = request({ batchId: newBatchId(own), options: { ...options, workQueue: queue } });
      await prefect.client.createFlowRun(sent);
      expect(await prefect.listWorkQueues(workPool)).toContain(queue);
    });

    test('a key that exists answers with the first creator’s labels, and its run is not changed', async () => {
      const first = request({ members: [memberId(), memberId()] });
      const created = recordOf(await prefect.client.createFlowRun(first));
      const second: FlowRunRequest = {
        ...request({ members: [memberId()], parametersJson: parametersOf({ orders: '[]' }) }),
        idempotencyKey: first.idempotencyKey,
        labels: { ...first.labels, 'sluice.members': memberId(), 'sluice.count': 1 },
      };

      const found = recordOf(await prefect.client.createFlowRun(second));
      const run = await prefect.readFlowRun(created.flowRunId);

      expect(found).toEqual(created);
      expect(run).toMatchObject({ name: first.name });
      expect(canonicalJson(run.parameters)).toBe('{"orders":[{"total":1e0}]}');
    });

    test('creates of one key at the same time make one run, whose labels they all get', async () => {
      const own = await prefect.createDeployment();
      const batchId = newBatchId(own);
      const requests = Array.from({ length: 8 }, () =>
        request({ batchId, members: [memberId(), memberId()] }),
      );

      const answers = await Promise.all(requests.map((sent) => settledCreate(prefect.client, sent)));

      expect(new Set(answers.map((answer) => JSON.stringify(recordOf(answer)))).size).toBe(1);
      expect(await prefect.countFlowRuns(own.deploymentId)).toBe(1);
    });

    test('a key belongs to the flow: another deployment of it gets the run that exists', async () => {
      const sent = request();
      const created = recordOf(await prefect.client.createFlowRun(sent));
      const { deploymentId } = await prefect.createDeployment({ flow: deployment.flow });

      expect(recordOf(await prefect.client.createFlowRun({ ...sent, deploymentId }))).toEqual(created);
      expect(await prefect.countFlowRuns(deploymentId)).toBe(0);
    });

    test('a run is found by its key, and an unused key finds none', async () => {
      const sent = request();
      const created = recordOf(await prefect.client.createFlowRun(sent));

      expect(await prefect.client.findFlowRun(sent.idempotencyKey, TIMEOUT_MS)).toEqual({
        kind: 'run',
        record: created,
      });
      expect(await prefect.client.findFlowRun(`sluice1:${newBatchId(deployment)}`, TIMEOUT_MS)).toEqual({
        kind: 'none',
      });
    });

    test('a run that was deleted frees its key', async () => {
      const sent = request();
      const first = recordOf(await prefect.client.createFlowRun(sent));
      await prefect.deleteFlowRun(first.flowRunId);

      expect(await prefect.client.findFlowRun(sent.idempotencyKey, TIMEOUT_MS)).toEqual({ kind: 'none' });
      const second = recordOf(await prefect.client.createFlowRun(sent));
      expect(second.flowRunId).not.toBe(first.flowRunId);
    });

    test('parameters that do not match the schema are refused with what is expected, and without quoting their values', async () => {
      // Prefect lets a parameter that is not required be null as well, and then names no type.
      const own = await prefect.createDeployment({ required: ['n'] });
      const sent = request({ batchId: newBatchId(own), parametersJson: parametersOf({ n: '"a secret"' }) });

      const answer = await prefect.client.createFlowRun(sent);

      expect(answer).toMatchObject({ kind: 'refused', status: 409 });
      expect(JSON.stringify(answer)).toContain(
        'parameter n does not match the schema of the flow: expected integer',
      );
      expect(JSON.stringify(answer)).not.toContain('a secret');
      expect(await prefect.client.findFlowRun(sent.idempotencyKey, TIMEOUT_MS)).toEqual({ kind: 'none' });
    });

    test('a replay of a run that exists can be refused, and the run is found by its key', async () => {
      const sent = request();
      const created = recordOf(await prefect.client.createFlowRun(sent));

      const replay = await prefect.client.createFlowRun({
        ...sent,
        parametersJson: parametersOf({ n: '"no integer"' }),
      });

      expect(replay.kind).toBe('refused');
      expect(await prefect.client.findFlowRun(sent.idempotencyKey, TIMEOUT_MS)).toEqual({
        kind: 'run',
        record: created,
      });
    });

    test('parameters of exactly the counted limit are taken, and one byte more is refused', async () => {
      const atLimit = parametersOfCountedSize(MAX_COUNTED_SIZE);
      const beyond = parametersOfCountedSize(MAX_COUNTED_SIZE + 1);

      expect((await prefect.client.createFlowRun(request({ parametersJson: atLimit }))).kind).toBe('run');
      const refused = await prefect.client.createFlowRun(request({ parametersJson: beyond }));

      expect(refused).toMatchObject({ kind: 'refused', status: 422 });
      expect(JSON.stringify(refused)).toContain('524,289 bytes');
      expect(JSON.stringify(refused).length).toBeLessThan(300);
    });

    test('integers beyond 2^53 and 2^64 reach the run exactly', async () => {
      const text = '[9007199254740993,18446744073709551617,-123456789012345678901234567890]';
      const sent = request({ parametersJson: parametersOf({ ids: text, n: '9007199254740993' }) });

      const run = await prefect.readFlowRun(recordOf(await prefect.client.createFlowRun(sent)).flowRunId);

      expect(canonicalJson(run.parameters)).toBe(
        '{"ids":[9007199254740993e0,18446744073709551617e0,-12345678901234567890123456789e1],"n":9007199254740993e0}',
      );
    });

    test('objects with a template marker arrive wrapped in a value, and literally in a text', async () => {
      const text =
        '{"a":{"__prefect_kind":"jinja","template":"{{ 40 + 2 }}"},' +
        '"b":[{"$ref":{"block_document_slug":"secret/x"}}],"c":"{{ 40 + 2 }}"}';
      const parametersJson = renderParameters(
        new Map([
          ['value', { text, as: 'json' as const }],
          ['asText', { text, as: 'string' as const }],
        ]),
      );

      const response = await prefect.client.createFlowRun(request({ parametersJson }));
      const run = await prefect.readFlowRun(recordOf(response).flowRunId);

      const wrapped = (object: string): string => `{"$sluice":"json","value":${JSON.stringify(object)}}`;
      expect(canonicalJson(run.parameters)).toBe(
        `{"asText":${JSON.stringify(text)},"value":{` +
          `"a":${wrapped('{"__prefect_kind":"jinja","template":"{{ 40 + 2 }}"}')},` +
          `"b":[${wrapped('{"$ref":{"block_document_slug":"secret/x"}}')}],"c":"{{ 40 + 2 }}"}}`,
      );
    });

    test('a dead run is Cancelled with its reason, is never scheduled, and holds the key for good', async () => {
      const own = await prefect.createDeployment({ required: ['n'] });
      const batchId = newBatchId(own);
      const member = memberId();

      const dead = recordOf(await prefect.client.createFlowRun(deadRequest(batchId, member)));
      const run = await prefect.readFlowRun(dead.flowRunId);
      const live = request({ batchId, parametersJson: parametersOf({ n: '1' }) });
      const later = recordOf(await prefect.client.createFlowRun(live));

      expect(dead).toEqual({
        kind: 'flow-run',
        batchId,
        flowRunId: run.flowRunId,
        members: [member],
        deadCode: 'refused-by-prefect',
      });
      expect(run).toMatchObject({ stateType: 'CANCELLED', stateName: 'DeadLettered' });
      expect(run.stateMessage).toBe(
        'Dead-lettered by Sluice (refused-by-prefect): parameter n does not match the schema',
      );
      expect(canonicalJson(run.parameters)).toBe('{}');
      expect(later).toEqual(dead);
      expect(await prefect.scheduledFlowRunIds(own.deploymentId)).toEqual([]);
    });

    test('a run that supersedes a batch is Cancelled, is never scheduled, holds no event and the key for good', async () => {
      const own = await prefect.createDeployment({ required: ['n'] });
      const batchId = newBatchId(own);
      const superseding = supersedingRunRequest({
        batchId,
        routeName: 'process-orders',
        routeTags: [],
        configHash: '0123456789abcdef',
        timeoutMs: TIMEOUT_MS,
      });

      const superseded = recordOf(await prefect.client.createFlowRun(superseding));
      const run = await prefect.readFlowRun(superseded.flowRunId);
      const live = request({ batchId, parametersJson: parametersOf({ n: '1' }) });
      const later = recordOf(await prefect.client.createFlowRun(live));

      expect(superseded).toMatchObject({ batchId, members: [], deadCode: 'superseded' });
      expect(run).toMatchObject({ stateType: 'CANCELLED', stateName: 'Superseded' });
      expect(later).toEqual(superseded);
      expect(await prefect.scheduledFlowRunIds(own.deploymentId)).toEqual([]);
    });

    test('a live run is scheduled, and a dead request under its key finds it alive', async () => {
      const own = await prefect.createDeployment();
      const batchId = newBatchId(own);
      const live = recordOf(await prefect.client.createFlowRun(request({ batchId })));

      expect(recordOf(await prefect.client.createFlowRun(deadRequest(batchId, memberId())))).toEqual(live);
      expect(await prefect.scheduledFlowRunIds(own.deploymentId)).toEqual([live.flowRunId]);
    });

    test('a deployment that does not exist is gone', async () => {
      const nowhere = { ...deployment, deploymentId: randomUUID() };
      expect(await prefect.client.createFlowRun(request({ batchId: newBatchId(nowhere) }))).toEqual({
        kind: 'deployment-gone',
      });
    });

    test('route names that are long or hold control characters, and ten tags, are taken', async () => {
      const routeTags = Array.from({ length: 8 }, (_, index) => `team:${index}`);
      const sent = request({ routeName: `orders\0\n${'x'.repeat(400)}😀`, routeTags });

      const run = await prefect.readFlowRun(recordOf(await prefect.client.createFlowRun(sent)).flowRunId);

      expect(run.name).toMatch(/^orders x+…-[0-9a-f]{12}$/);
      expect(run.name).toHaveLength(200);
      expect(run.tags).toHaveLength(10);
    });

    test('a lost answer is unavailable, and the same key gives the one run that was made', async () => {
      const own = await prefect.createDeployment();
      const sent = request({ batchId: newBatchId(own) });

      prefect.loseNextAnswer();
      const lost = await prefect.client.createFlowRun({ ...sent, timeoutMs: 1500 });
      const again = recordOf(await prefect.client.createFlowRun(sent));

      expect(lost).toMatchObject({ kind: 'unavailable', status: 0, retryAfterMs: null });
      expect(again.members).toHaveLength(2);
      await expect.poll(() => prefect.countFlowRuns(own.deploymentId)).toBe(1);
      expect(await prefect.client.findFlowRun(sent.idempotencyKey, TIMEOUT_MS)).toEqual({
        kind: 'run',
        record: again,
      });
    });

    test('a deployment resolves by its names, whatever characters they hold, until it is deleted', async () => {
      const own = await prefect.createDeployment();

      expect(await prefect.directory.resolveDeployment(own.flow, own.deployment, false)).toEqual({
        kind: 'deployment',
        deploymentId: own.deploymentId,
      });
      expect(await prefect.directory.resolveDeployment(own.flow, 'nobody', false)).toEqual({
        kind: 'not-found',
      });

      await prefect.deleteDeployment(own.deploymentId);
      expect(await prefect.directory.resolveDeployment(own.flow, own.deployment, true)).toEqual({
        kind: 'not-found',
      });
    });
  });
}

/** SQLite and Postgres may answer 503 to a create that meets its twin; the protocol sends it again, and so do we. */
async function settledCreate(client: FlowRunClient, request: FlowRunRequest): Promise<FlowRunResult> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.createFlowRun(request);
    if (answer.kind !== 'unavailable' || attempt === 10) return answer;
  }
}

function newBatchId({ deploymentId }: ContractDeployment): string {
  return `${deploymentRefOfId(deploymentId)}.${randomBytes(32).toString('base64url')}`;
}

function memberId(): string {
  return randomBytes(8).toString('base64url');
}

function parametersOf(values: Readonly<Record<string, string>>): string {
  return renderParameters(
    new Map(Object.entries(values).map(([name, text]) => [name, { text, as: 'json' as const }])),
  );
}

/** Every kind of character that Prefect counts in a way of its own is in it. */
function parametersOfCountedSize(size: number): string {
  const render = (padding: number) =>
    parametersOf({ text: JSON.stringify(`"\\\n\t\u007fé€😀/${'x'.repeat(padding)}`) });
  return render(size - countedSize(render(0)));
}

/** The record in the answer; any other answer fails the test with what it was. */
function recordOf(answer: FlowRunResult): FlowRunRecord {
  if (answer.kind !== 'run') throw new Error(`expected a run, got ${JSON.stringify(answer)}`);
  return answer.record;
}
