/**
 * One invocation in a process of its own, which kills itself (SIGKILL) before or after its n-th effect. What it
 * is told comes as JSON in the first argument; the kinds of the outcomes go to standard output.
 */
import { runPipeline, type Pipeline } from '../../lib/pipeline.ts';
import { PLENTY_OF_TIME, sqsRecord } from '../support/pipeline-parts.ts';
import { realPipeline, type RealPipelineTerms } from '../support/real-pipeline.ts';

export interface InvocationTerms {
  readonly pipeline: RealPipelineTerms;
  readonly ids: readonly string[];
  readonly deliveryCount: number;
  readonly kill: { readonly effect: number; readonly when: 'before' | 'after' } | null;
}

const terms = JSON.parse(process.argv[2] ?? '') as InvocationTerms;
const pipeline = realPipeline(terms.pipeline);
const records = terms.ids.map((id) => sqsRecord(`message-${id}`, `{"id":"${id}"}`, terms.deliveryCount));
const outcomes = await runPipeline(records, { ...pipeline, ports: killing(pipeline.ports) }, PLENTY_OF_TIME);
pipeline.close();
console.log(JSON.stringify(outcomes.map(({ outcome }) => outcome.kind)));

/** Every method of these ports is an effect on the world outside. */
function killing(ports: Pipeline['ports']): Pipeline['ports'] {
  let effects = 0;
  const counting = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name): unknown {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...parameters: unknown[]): Promise<unknown> => {
          const effect = ++effects;
          if (effect === terms.kill?.effect && terms.kill.when === 'before') die();
          const result: unknown = await Reflect.apply(method, target, parameters);
          if (effect === terms.kill?.effect) die();
          return result;
        };
      },
    });
  return {
    ...ports,
    claims: counting(ports.claims),
    records: counting(ports.records),
    flowRuns: counting(ports.flowRuns),
  };
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive after SIGKILL');
}
