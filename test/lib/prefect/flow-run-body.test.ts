import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowRunBody, readFlowRun } from '../../../lib/prefect/flow-run-body.ts';
import { renderParameters } from '../../../lib/prefect/parameters.ts';
import type { FlowRunRequest } from '../../../lib/ports.ts';
import { jsonText } from '../../support/builders/json-text.ts';

const request: FlowRunRequest = {
  deploymentId: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  idempotencyKey: 'sluice1:batch',
  name: 'orders-1',
  parametersJson: '{}',
  labels: { 'sluice.count': 1 },
  tags: ['sluice'],
  workQueue: null,
  startAtEpochMs: null,
  jobVariablesJson: null,
  dead: null,
  timeoutMs: 1000,
};

describe('flowRunBody', () => {
  test('is JSON whose parameters are the very text that was rendered', () => {
    fc.assert(
      fc.property(jsonText, fc.string(), (text, name) => {
        const parametersJson = renderParameters(new Map([['p', { text, as: 'json' }]]));
        const body = flowRunBody({ ...request, name, parametersJson });
        expect(body.endsWith(`,"parameters":${parametersJson}}`)).toBe(true);
        expect(JSON.parse(body)).toMatchObject({ name, parameters: JSON.parse(parametersJson) as object });
      }),
    );
  });

  test('of a live run leaves the state and the schema to Prefect', () => {
    expect(JSON.parse(flowRunBody(request))).toEqual({
      idempotency_key: 'sluice1:batch',
      name: 'orders-1',
      tags: ['sluice'],
      labels: { 'sluice.count': 1 },
      parameters: {},
    });
  });

  test('of a dead run is cancelled from the start, whatever the schema wants', () => {
    expect(
      JSON.parse(flowRunBody({ ...request, dead: { stateName: 'DeadLettered', message: 'too large' } })),
    ).toMatchObject({
      state: { type: 'CANCELLED', name: 'DeadLettered', message: 'too large' },
      enforce_parameter_schema: false,
      parameters: {},
    });
  });
});

describe('readFlowRun', () => {
  test('takes the id and the labels without interpreting them', () => {
    expect(readFlowRun({ id: 'run-1', deployment_id: null, labels: { a: 1 } })).toEqual({
      flowRunId: 'run-1',
      unverifiedLabels: { a: 1 },
    });
  });

  test('never throws, and takes nothing but an object with the ids of a flow run for one', () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(readFlowRun(body)).toBeNull();
      }),
    );
    expect(readFlowRun({ id: 1, deployment_id: 'd' })).toBeNull();
  });
});
