/** What Sluice sends as parameters is what the flow gets: only a real Prefect server can tell. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import { liveRunRequest } from '../../lib/prefect/flow-run-request.ts';
import { countedSize, MAX_COUNTED_SIZE, renderParameters } from '../../lib/prefect/parameters.ts';
import type { FlowRunResult } from '../../lib/ports.ts';
import {
  canonicalJson,
  isArray,
  isNumber,
  parseExactJson,
  type ExactJson,
} from '../support/builders/exact-json.ts';
import { jsonText } from '../support/builders/json-text.ts';
import type { PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';

export function defineParametersContract(name: string, make: () => Promise<PrefectContractParts>): void {
  describe(`parameters on ${name}`, () => {
    let prefect: PrefectContractParts;
    let deploymentId: string;

    beforeAll(async () => {
      prefect = await make();
      ({ deploymentId } = await prefect.createDeployment());
    });

    afterAll(async () => {
      await prefect.close();
    });

    const create = (parametersJson: string): Promise<FlowRunResult> =>
      prefect.client.createFlowRun(
        liveRunRequest({
          batchId: `${deploymentRefOfId(deploymentId)}.${randomBytes(32).toString('base64url')}`,
          routeName: 'parameters',
          routeTags: [],
          configHash: '0123456789abcdef',
          members: [randomBytes(8).toString('base64url')],
          flushReason: 'invocation',
          parametersJson,
          timeoutMs: 30_000,
        }),
      );

    test('any JSON value arrives as it was but for wrappers, and its text as that very text', async () => {
      const property = fc.asyncProperty(jsonText, async (text) => {
        const parametersJson = renderParameters(
          new Map([
            ['value', { text, as: 'json' }],
            ['asText', { text, as: 'string' }],
          ]),
        );

        const answer = await create(parametersJson);
        if (answer.kind !== 'run') throw new Error(`expected a run, got ${JSON.stringify(answer)}`);
        const { parameters } = await prefect.readFlowRun(answer.record.flowRunId);

        const { asText, value } = parameters as { readonly asText: ExactJson; readonly value: ExactJson };
        expect(asSent(asText)).toBe(text);
        expect(canonicalJson(asSent(value))).toBe(canonicalJson(parseExactJson(text)));
      });
      await fc.assert(property, { numRuns: 60 });
    });

    test('oversize parameters are as many bytes to Prefect as Sluice counts', async () => {
      const property = fc.asyncProperty(jsonText, async (text) => {
        const parametersJson = renderParameters(
          new Map([
            ['value', { text, as: 'json' }],
            ['padding', { text: 'x'.repeat(MAX_COUNTED_SIZE), as: 'string' }],
          ]),
        );
        const answer = await create(parametersJson);

        const size = countedSize(parametersJson).toLocaleString('en');
        expect(answer).toMatchObject({
          kind: 'refused',
          detail: `the parameters are ${size} bytes, Prefect takes 524,288 (422)`,
        });
      });
      await fc.assert(property, { numRuns: 20 });
    });
  });
}

/** What `from_sluice` of docs/overflow.md makes of a parameter, with the digits of its numbers. */
function asSent(json: ExactJson): ExactJson {
  const isMarkedText = typeof json === 'string' && json.startsWith('{"$sluice":');
  return unwrappedExactly(isMarkedText ? parseExactJson(json) : json);
}

function unwrappedExactly(json: ExactJson): ExactJson {
  if (typeof json === 'string' || typeof json !== 'object' || json === null || isNumber(json)) return json;
  if (isArray(json)) return json.map(unwrappedExactly);
  const { $sluice: marker, value } = json;
  if (marker === 'json' && typeof value === 'string') return parseExactJson(value);
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, unwrappedExactly(member)]));
}
