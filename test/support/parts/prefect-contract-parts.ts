/** What the Prefect contract suites need of an implementation, besides the ports: a server to set up and look at. */
import { randomUUID } from 'node:crypto';
import { PrefectDeploymentDirectory } from '../../../lib/adapters/prefect/prefect-deployment-directory.ts';
import { PrefectFlowRunClient } from '../../../lib/adapters/prefect/prefect-flow-run-client.ts';
import { PrefectFlowRunCounter } from '../../../lib/adapters/prefect/prefect-flow-run-counter.ts';
import { PrefectFlowRunInspector } from '../../../lib/adapters/prefect/prefect-flow-run-inspector.ts';
import { PrefectHttp } from '../../../lib/adapters/prefect/prefect-http.ts';
import { PrefectWorkQueueDirectory } from '../../../lib/adapters/prefect/prefect-work-queue-directory.ts';
import type { DeploymentDirectory, FlowRunClient, WorkQueueDirectory } from '../../../lib/ports.ts';
import type { FlowRunCounter } from '../../../lib/reconcile/reconcile-ports.ts';
import type { FlowRunInspector } from '../../../lib/trace/trace-ports.ts';
import { startResponseLosingProxy } from '../proxies/response-losing-proxy.ts';
import { FakePrefect } from '../fakes/fake-prefect.ts';
import { PrefectApi, type StoredFlowRun } from './prefect-api.ts';

export interface ContractDeployment {
  readonly flow: string;
  readonly deployment: string;
  readonly deploymentId: string;
}

export interface ContractDeploymentTerms {
  /** Default: a flow of its own. */
  readonly flow?: string;
  /** Parameters that have to be given. Default: none. */
  readonly required?: readonly string[];
  /** Default: none. */
  readonly workPool?: string;
}

export interface PrefectContractParts {
  readonly client: FlowRunClient;
  readonly counter: FlowRunCounter;
  readonly inspector: FlowRunInspector;
  readonly directory: DeploymentDirectory;
  readonly workQueues: WorkQueueDirectory;
  /** A new pool, with the queue `default`; returns its name. */
  createWorkPool(): Promise<string>;
  createWorkQueue(workPool: string, queue: string): Promise<void>;
  listWorkQueues(workPool: string): Promise<readonly string[]>;
  /** Its parameter `n`, if given, has to be an integer. */
  createDeployment(terms?: ContractDeploymentTerms): Promise<ContractDeployment>;
  deleteDeployment(deploymentId: string): Promise<void>;
  readFlowRun(flowRunId: string): Promise<StoredFlowRun>;
  countFlowRuns(deploymentId: string): Promise<number>;
  deleteFlowRun(flowRunId: string): Promise<void>;
  /** Ids of the runs that a worker would be handed. */
  scheduledFlowRunIds(deploymentId: string): Promise<readonly string[]>;
  /** The next create takes effect, but its answer never comes. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

export async function realPrefectParts(apiUrl: string): Promise<PrefectContractParts> {
  const proxy = await startResponseLosingProxy(apiUrl);
  const api = new PrefectApi(apiUrl);
  const clock = { nowEpochMs: () => Date.now() };
  const http = new PrefectHttp({
    apiUrl: proxy.url,
    authSecret: null,
    headers: {},
    version: 'test',
    secrets: { readSecret: () => Promise.reject(new Error('this server wants no credentials')) },
    clock,
  });
  return {
    client: new PrefectFlowRunClient(http),
    counter: new PrefectFlowRunCounter(http),
    inspector: new PrefectFlowRunInspector(http),
    directory: new PrefectDeploymentDirectory({ http, clock, requestTimeoutMs: 30_000 }),
    workQueues: new PrefectWorkQueueDirectory({ http, clock }),
    createWorkPool: async () => {
      const workPool = `pool ${randomUUID()}`;
      await api.createWorkPool(workPool);
      return workPool;
    },
    createWorkQueue: (workPool, queue) => api.createWorkQueue(workPool, queue),
    listWorkQueues: (workPool) => api.listWorkQueues(workPool),
    createDeployment: async ({ flow, required = [], workPool } = {}) => {
      const names = uniqueNames(flow);
      const parameterSchema = { type: 'object', properties: { n: { type: 'integer' } }, required };
      return {
        ...names,
        deploymentId: await api.createDeployment({
          ...names,
          parameterSchema,
          ...(workPool !== undefined && { workPool }),
        }),
      };
    },
    deleteDeployment: (deploymentId) => api.deleteDeployment(deploymentId),
    readFlowRun: (flowRunId) => api.readFlowRun(flowRunId),
    countFlowRuns: (deploymentId) => api.countFlowRuns({ deploymentId }),
    deleteFlowRun: (flowRunId) => api.deleteFlowRun(flowRunId),
    scheduledFlowRunIds: (deploymentId) => api.scheduledFlowRunIds(deploymentId),
    loseNextAnswer: () => {
      proxy.loseNextResponse();
    },
    close: async () => {
      http.close();
      await proxy.close();
    },
  };
}

export function fakePrefectParts(): PrefectContractParts {
  const fake = new FakePrefect();
  const requiredParameters = new Map<string, readonly string[]>();
  fake.refuseWhen(({ deploymentId, parametersJson, dead }) => {
    const isInteger = !/"n":\{"__prefect_kind":"json","value":"(?!-?\d+"\})/.test(parametersJson);
    const required = requiredParameters.get(deploymentId) ?? [];
    const isComplete = required.every((parameter) => parametersJson.includes(`"${parameter}":`));
    if (dead !== null || (isInteger && isComplete)) return null;
    const expected = isInteger ? '' : ': expected integer';
    return { status: 409, detail: `parameter n does not match the schema of the flow${expected} (409)` };
  });
  const runsOf = (deploymentId: string) => fake.flowRuns.filter((run) => run.deploymentId === deploymentId);
  return {
    client: fake,
    counter: fake,
    inspector: fake,
    directory: fake,
    workQueues: fake,
    createWorkPool: async () => 'pool',
    createWorkQueue: async (_workPool, queue) => {
      fake.workQueues.add(queue);
    },
    listWorkQueues: async () => [...fake.workQueues],
    createDeployment: async ({ flow, required = [] } = {}) => {
      const names = uniqueNames(flow);
      const deploymentId = fake.createDeployment(names.flow, names.deployment);
      requiredParameters.set(deploymentId, required);
      return { ...names, deploymentId };
    },
    deleteDeployment: async (deploymentId) => {
      fake.deleteDeployment(deploymentId);
    },
    readFlowRun: async (flowRunId) => {
      const run = fake.flowRuns.find((candidate) => candidate.flowRunId === flowRunId);
      if (run === undefined) throw new Error(`there is no flow run ${flowRunId}`);
      return run;
    },
    countFlowRuns: async (deploymentId) => runsOf(deploymentId).length,
    deleteFlowRun: async (flowRunId) => {
      fake.deleteFlowRun(flowRunId);
    },
    scheduledFlowRunIds: async (deploymentId) =>
      runsOf(deploymentId)
        .filter((run) => run.stateType === 'SCHEDULED')
        .map((run) => run.flowRunId),
    loseNextAnswer: () => {
      fake.planCreates('lost');
    },
    close: async () => undefined,
  };
}

/** Awkward in a path, and allowed by Prefect. */
function uniqueNames(flow = `contract flow?#+é ${randomUUID()}`): Omit<ContractDeployment, 'deploymentId'> {
  return { flow, deployment: `prod.é?#+ ${randomUUID()}` };
}
