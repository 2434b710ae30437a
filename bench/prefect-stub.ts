/**
 * A stub of Prefect with what the benchmark needs: deployments resolve, runs are created once per idempotency key, and
 * the response echoes the request as Prefect's does, because parsing it is part of the work of a client.
 */
import { randomUUID } from 'node:crypto';
import { bodyOf, serveAndCount } from './counting-server.ts';
import { DEPLOYMENT_ID } from './deployment.ts';

export interface PrefectCounts {
  readonly requests: number;
  readonly flowRuns: number;
  /** Events in the parameters of the runs that were created: each holds one `orderId`. */
  readonly eventsInFlowRuns: number;
  /** Requested paths that the stub does not implement; they make the figures invalid. */
  readonly unknownPaths: readonly string[];
}

interface CreateFlowRun {
  readonly idempotency_key?: string;
  readonly name?: string;
}

const flowId = randomUUID();
const runs = new Map<string, object>();
const unknownPaths = new Set<string>();
let counts = { requests: 0, flowRuns: 0, eventsInFlowRuns: 0 };

function createFlowRun(text: string): { status: number; body: object } {
  const sent = JSON.parse(text) as CreateFlowRun;
  const key = sent.idempotency_key ?? randomUUID();
  const existing = runs.get(key);
  if (existing !== undefined) return { status: 200, body: existing };
  const now = new Date().toISOString();
  const run = {
    created: now,
    updated: now,
    name: 'quick-otter',
    flow_id: flowId,
    work_queue_id: randomUUID(),
    work_queue_name: 'default',
    work_pool_name: 'process',
    flow_version: null,
    deployment_version: null,
    context: {},
    empirical_policy: {
      max_retries: 0,
      retry_delay_seconds: 0,
      retries: null,
      retry_delay: null,
      pause_keys: [],
    },
    parent_task_run_id: null,
    state_type: 'SCHEDULED',
    state_name: 'Scheduled',
    run_count: 0,
    expected_start_time: now,
    total_run_time: 0,
    auto_scheduled: false,
    job_variables: {},
    state: {
      id: randomUUID(),
      type: 'SCHEDULED',
      name: 'Scheduled',
      timestamp: now,
      message: '',
      data: null,
    },
    tags: [],
    labels: {},
    ...sent,
    id: randomUUID(),
    deployment_id: DEPLOYMENT_ID,
    idempotency_key: key,
  };
  runs.set(key, run);
  counts.flowRuns += 1;
  counts.eventsInFlowRuns += text.split('orderId').length - 1;
  return { status: 201, body: run };
}

function respond(path: string, text: string): { status: number; body: object } {
  if (path.endsWith('/create_flow_run')) return createFlowRun(text);
  if (path.startsWith('/api/deployments/')) {
    return { status: 200, body: { id: DEPLOYMENT_ID, name: 'prod', flow_id: flowId, paused: false } };
  }
  if (path === '/api/flow_runs/filter') return { status: 200, body: [] };
  unknownPaths.add(path);
  return { status: 404, body: { detail: 'Not Found' } };
}

serveAndCount(
  (request, response) => {
    void bodyOf(request).then((text) => {
      counts.requests += 1;
      const { status, body } = respond(request.url ?? '', text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  },
  (): PrefectCounts => {
    const taken = { ...counts, unknownPaths: [...unknownPaths] };
    counts = { requests: 0, flowRuns: 0, eventsInFlowRuns: 0 };
    return taken;
  },
);
