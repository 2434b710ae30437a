/** A real Prefect server as tests and the demo set it up and look at it, over its REST API. */
import { isArray, isNumber, parseExactJson, type ExactJson } from '../builders/exact-json.ts';

export interface DeploymentTerms {
  readonly flow: string;
  readonly deployment: string;
  /** JSON Schema of the parameters, enforced by Prefect. Default: none. */
  readonly parameterSchema?: Readonly<Record<string, unknown>>;
  /** Default: none, and no worker runs it. */
  readonly workPool?: string;
  /** `flow.py:process_orders`, in `folder`, which the worker makes its working directory. */
  readonly entrypoint?: { readonly path: string; readonly folder: string };
  readonly tags?: readonly string[];
}

/** A flow run as Prefect stored it. */
export interface StoredFlowRun {
  readonly flowRunId: string;
  readonly name: string;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, unknown>>;
  readonly workQueue: string | null;
  /** When a worker is handed it at the earliest. */
  readonly startAtEpochMs: number;
  readonly jobVariables: ExactJson;
  /** Numbers are kept exact. */
  readonly parameters: ExactJson;
  readonly stateType: string;
  readonly stateName: string;
  readonly stateMessage: string | null;
}

export interface FlowRunFilter {
  readonly deploymentId?: string;
  readonly tags?: readonly string[];
}

export class PrefectApi {
  readonly #apiUrl: string;

  /** `apiUrl` as in `PREFECT_API_URL`, of a server without authentication. */
  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl;
  }

  /** Makes the flow too, if there is none of that name; returns the deployment's id. */
  async createDeployment(terms: DeploymentTerms): Promise<string> {
    const flow = objectOf(await this.#send('POST', '/flows/', { name: terms.flow }));
    const deployment = await this.#send('POST', '/deployments/', {
      name: terms.deployment,
      flow_id: flow['id'],
      tags: terms.tags ?? [],
      enforce_parameter_schema: terms.parameterSchema !== undefined,
      ...(terms.parameterSchema === undefined ? {} : { parameter_openapi_schema: terms.parameterSchema }),
      ...(terms.workPool === undefined ? {} : { work_pool_name: terms.workPool }),
      ...(terms.entrypoint === undefined
        ? {}
        : {
            entrypoint: terms.entrypoint.path,
            pull_steps: [
              {
                'prefect.deployments.steps.set_working_directory': { directory: terms.entrypoint.folder },
              },
            ],
          }),
    });
    return textOf(objectOf(deployment)['id']);
  }

  /** A pool of processes. There must be none of that name yet. */
  async createWorkPool(name: string): Promise<void> {
    await this.#send('POST', '/work_pools/', { name, type: 'process' });
  }

  async createWorkQueue(workPool: string, queue: string): Promise<void> {
    await this.#send('POST', `/work_pools/${encodeURIComponent(workPool)}/queues`, { name: queue });
  }

  /** Names of all queues of a pool. */
  async listWorkQueues(workPool: string): Promise<readonly string[]> {
    const queues = await this.#send('POST', `/work_pools/${encodeURIComponent(workPool)}/queues/filter`, {});
    if (!Array.isArray(queues)) throw new TypeError('Prefect answered without a list of work queues');
    return queues.map((queue: ExactJson) => textOf(objectOf(queue)['name']));
  }

  async findDeployment(flow: string, deployment: string): Promise<string> {
    return textOf(objectOf(await this.#send('GET', `/deployments/name/${flow}/${deployment}`))['id']);
  }

  async deleteDeployment(deploymentId: string): Promise<void> {
    await this.#send('DELETE', `/deployments/${deploymentId}`);
  }

  async readFlowRun(flowRunId: string): Promise<StoredFlowRun> {
    return storedFlowRun(await this.#send('GET', `/flow_runs/${flowRunId}`));
  }

  /** All runs that match, which may be many: page by page. */
  async listFlowRuns(filter: FlowRunFilter): Promise<readonly StoredFlowRun[]> {
    const pageSize = 200;
    const runs: StoredFlowRun[] = [];
    for (;;) {
      const page = await this.#send('POST', '/flow_runs/filter', {
        flow_runs: flowRunFilter(filter),
        sort: 'ID_DESC',
        limit: pageSize,
        offset: runs.length,
      });
      if (!Array.isArray(page)) throw new TypeError('Prefect answered a filter without a list');
      runs.push(...page.map(storedFlowRun));
      if (page.length < pageSize) return runs;
    }
  }

  async countFlowRuns(filter: FlowRunFilter): Promise<number> {
    const count = await this.#send('POST', '/flow_runs/count', { flow_runs: flowRunFilter(filter) });
    if (!isNumber(count)) throw new TypeError('Prefect answered a count without a number');
    return Number(count.text);
  }

  async deleteFlowRun(flowRunId: string): Promise<void> {
    await this.#send('DELETE', `/flow_runs/${flowRunId}`);
  }

  /** Ids of the runs that a worker or `serve()` process would be handed now. */
  async scheduledFlowRunIds(deploymentId: string): Promise<readonly string[]> {
    const runs = await this.#send('POST', '/deployments/get_scheduled_flow_runs', {
      deployment_ids: [deploymentId],
    });
    if (!Array.isArray(runs)) throw new TypeError('Prefect answered without a list of scheduled runs');
    return runs.map((run: ExactJson) => textOf(objectOf(run)['id']));
  }

  /** The same for a work pool: one run that Prefect cannot read, and every worker of the pool gets an error. */
  async scheduledFlowRunIdsOfPool(workPool: string): Promise<readonly string[]> {
    const runs = await this.#send('POST', `/work_pools/${workPool}/get_scheduled_flow_runs`, {});
    if (!Array.isArray(runs)) throw new TypeError('Prefect answered without a list of scheduled runs');
    return runs.map((run: ExactJson) => textOf(objectOf(objectOf(run)['flow_run'] ?? null)['id']));
  }

  async #send(method: string, path: string, body?: object): Promise<ExactJson> {
    const response = await fetch(`${this.#apiUrl}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return text === '' ? null : parseExactJson(text);
  }
}

function flowRunFilter({ deploymentId, tags }: FlowRunFilter): object {
  return {
    ...(deploymentId === undefined ? {} : { deployment_id: { any_: [deploymentId] } }),
    ...(tags === undefined ? {} : { tags: { all_: tags } }),
  };
}

function storedFlowRun(json: ExactJson): StoredFlowRun {
  const run = objectOf(json);
  const state = run['state'] ?? null;
  const message = state === null ? null : objectOf(state)['message'];
  const idempotencyKey = run['idempotency_key'] ?? null;
  const labels = Object.entries(objectOf(run['labels']));
  return {
    flowRunId: textOf(run['id']),
    name: textOf(run['name']),
    idempotencyKey: idempotencyKey === null ? null : textOf(idempotencyKey),
    tags: Array.isArray(run['tags']) ? run['tags'].map(textOf) : [],
    labels: Object.fromEntries(
      labels.map(([name, value]) => [name, isNumber(value) ? Number(value.text) : value]),
    ),
    workQueue: typeof run['work_queue_name'] === 'string' ? run['work_queue_name'] : null,
    startAtEpochMs: Date.parse(textOf(run['expected_start_time'] ?? '')),
    jobVariables: run['job_variables'] ?? null,
    parameters: run['parameters'] ?? null,
    stateType: textOf(run['state_type']),
    stateName: textOf(run['state_name']),
    stateMessage: typeof message === 'string' ? message : null,
  };
}

function objectOf(json: ExactJson | undefined): Readonly<Record<string, ExactJson>> {
  if (typeof json !== 'object' || json === null || isArray(json) || isNumber(json)) {
    throw new TypeError('Prefect answered with something else than an object');
  }
  return json;
}

function textOf(json: ExactJson | undefined): string {
  if (typeof json !== 'string') throw new TypeError('Prefect answered with something else than a text');
  return json;
}
