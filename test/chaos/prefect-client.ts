/** Prefect's REST API as the check needs it: directly, past the proxy of the functions. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { EventData } from './event.ts';
import type { ObservedRun } from './observation.ts';
import { DEPLOYMENT_NAME, FLOWS, parameterSchema, type FlowDefinition } from './routes.ts';

const FlowRun = z.object({
  id: z.string(),
  deployment_id: z.string().nullable(),
  flow_id: z.string(),
  idempotency_key: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  state_name: z.string().nullable(),
  created: z.iso.datetime({ offset: true }),
  labels: z.record(z.string(), z.unknown()).nullable(),
});
type FlowRun = z.output<typeof FlowRun>;

const EventDataModel: z.ZodType<EventData> = z.object({
  installation: z.enum(['a', 'b']),
  id: z.string(),
  line: z.string(),
  amount: z.union([z.number(), z.literal('poison')]),
  audit: z.boolean(),
  key: z.string(),
  padding: z.string(),
});

/** What docs/overflow.md puts in the place of a list that is too large for Prefect. */
const Reference = z.tuple([z.object({ $sluice: z.literal('s3'), bucket: z.string(), key: z.string() })]);

const PAGE_SIZE = 200;

export class PrefectClient {
  readonly #apiUrl: string;
  readonly #s3: S3Client;
  readonly #flowsById = new Map<string, FlowDefinition>();
  readonly #deploymentIds = new Map<string, string>();

  constructor(apiUrl: string, s3: S3Client) {
    this.#apiUrl = apiUrl;
    this.#s3 = s3;
  }

  /** Create the flow if it does not exist, and its deployment. */
  async createDeployment(definition: FlowDefinition, workPool: string, folder: string): Promise<void> {
    const flow = z
      .object({ id: z.string() })
      .parse(await this.#send('POST', '/flows/', { name: definition.flow }));
    this.#flowsById.set(flow.id, definition);
    const deployment = await this.#send('POST', '/deployments/', {
      name: DEPLOYMENT_NAME,
      flow_id: flow.id,
      enforce_parameter_schema: true,
      parameter_openapi_schema: parameterSchema(definition),
      ...(definition.isExecuted && {
        work_pool_name: workPool,
        entrypoint: 'flow.py:take_orders',
        pull_steps: [{ 'prefect.deployments.steps.set_working_directory': { directory: folder } }],
      }),
    });
    this.#deploymentIds.set(definition.flow, z.object({ id: z.string() }).parse(deployment).id);
  }

  /**
   * Delete the deployment of a flow, which deletes its scheduled runs. Nothing may be creating runs meanwhile.
   * @returns the runs that were deleted with it
   */
  async deleteDeployment(flow: string): Promise<readonly ObservedRun[]> {
    const before = await this.listRuns([flow]);
    await this.#send('DELETE', `/deployments/${this.#deploymentIds.get(flow) ?? ''}`);
    const after = new Set((await this.listRuns([flow])).map(({ flowRunId }) => flowRunId));
    return before.filter(({ flowRunId }) => !after.has(flowRunId));
  }

  /** List the runs of these flows, or of all. */
  async listRuns(flows: readonly string[] = FLOWS.map(({ flow }) => flow)): Promise<readonly ObservedRun[]> {
    const runs = new Map<string, FlowRun>();
    for (let offset = 0; ; offset += PAGE_SIZE) {
      const page = z.array(FlowRun).parse(
        await this.#send('POST', '/flow_runs/filter', {
          flows: { name: { any_: flows } },
          sort: 'ID_DESC',
          limit: PAGE_SIZE,
          offset,
        }),
      );
      for (const run of page) runs.set(run.id, run);
      if (page.length < PAGE_SIZE) break;
    }
    const observed: ObservedRun[] = [];
    for (const run of runs.values()) {
      const definition = this.#flowsById.get(run.flow_id);
      if (definition !== undefined) observed.push(await this.#observe(run, definition));
    }
    return observed;
  }

  async #observe(run: FlowRun, { flow, route, parameter }: FlowDefinition): Promise<ObservedRun> {
    const { version } = run.parameters;
    return {
      flowRunId: run.id,
      flow,
      route,
      idempotencyKey: run.idempotency_key,
      stateName: run.state_name ?? '',
      createdAtMs: Date.parse(run.created),
      window: windowIn(run.labels ?? {}),
      version: typeof version === 'string' ? version : null,
      events: await this.#eventsIn(run, parameter),
    };
  }

  /** A run that only marks an event as dead-lettered has no parameters. */
  async #eventsIn({ parameters }: FlowRun, parameter: string): Promise<readonly EventData[]> {
    // A run with the content of another version names its events by another parameter.
    const lists = Object.entries(parameters).filter(([name]) => name !== 'version');
    const value = parameters[parameter] ?? lists[0]?.[1];
    if (value === undefined) return [];
    const reference = Reference.safeParse(value);
    if (!reference.success) return z.array(EventDataModel).parse(value);
    const [{ bucket, key }] = reference.data;
    const { Body: body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return z.array(EventDataModel).parse(JSON.parse((await body?.transformToString('utf8')) ?? ''));
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#apiUrl}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === '' ? null : JSON.parse(text);
  }
}

function windowIn(labels: Readonly<Record<string, unknown>>): ObservedRun['window'] {
  const { 'sluice.window.start': start, 'sluice.window.end': end } = labels;
  if (typeof start !== 'string' || typeof end !== 'string') return null;
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}
