/** The JSON of a flow run, to Prefect and back. */
import type { FlowRunRequest } from '../ports.ts';
import { jsonField } from '../json/untrusted-json.ts';

/**
 * Body of `POST /deployments/{id}/create_flow_run` (`DeploymentFlowRunCreate`,
 * prefect/server/schemas/actions.py). The parameters are spliced in as the text they are.
 */
export function flowRunBody(request: FlowRunRequest): string {
  const { idempotencyKey, name, tags, labels, parametersJson, jobVariablesJson, dead } = request;
  const fields = JSON.stringify({
    idempotency_key: idempotencyKey,
    name,
    tags,
    labels,
    ...placementFields(request),
    ...deadFields(dead),
  });
  const jobVariables = jobVariablesJson === null ? '' : `,"job_variables":${jobVariablesJson}`;
  return `${fields.slice(0, -1)}${jobVariables},"parameters":${parametersJson}}`;
}

/** Without a state the run is scheduled for now. */
function placementFields({
  workQueue,
  startAtEpochMs,
}: Pick<FlowRunRequest, 'workQueue' | 'startAtEpochMs'>): object {
  const scheduledTime = startAtEpochMs === null ? null : new Date(startAtEpochMs).toISOString();
  return {
    ...(workQueue !== null && { work_queue_name: workQueue }),
    ...(scheduledTime !== null && {
      state: { type: 'SCHEDULED', state_details: { scheduled_time: scheduledTime } },
    }),
  };
}

/** A terminal state is never scheduled. Without the schema, since empty parameters rarely satisfy it. */
function deadFields(dead: FlowRunRequest['dead']): object {
  if (dead === null) return {};
  return {
    state: { type: 'CANCELLED', name: dead.stateName, message: dead.message },
    enforce_parameter_schema: false,
  };
}

/** The fields of a flow run in a response (`FlowRunResponse`) that Sluice uses; null if the response is not a flow run. */
export interface UnverifiedFlowRun {
  readonly flowRunId: string;
  readonly unverifiedLabels: unknown;
}

export function readFlowRun(unverifiedBody: unknown): UnverifiedFlowRun | null {
  const flowRunId = jsonField(unverifiedBody, 'id');
  const deploymentId = jsonField(unverifiedBody, 'deployment_id');
  if (typeof flowRunId !== 'string' || deploymentId === undefined) return null;
  return { flowRunId, unverifiedLabels: jsonField(unverifiedBody, 'labels') };
}
