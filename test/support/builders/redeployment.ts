/** Deliveries under a configuration that is not the one that the parts were made with, as after a deployment. */
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { runPipeline } from '../../../lib/pipeline.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeSqsSource } from './compiled-config.ts';
import { PLENTY_OF_TIME, sqsRecord, type PipelineParts } from './pipeline-parts.ts';

/** Deliver events with these ids, each by a message of its own. Returns the kinds of their outcomes. */
export async function deliverUnder(
  parts: PipelineParts,
  config: CompiledConfig,
  ids: readonly string[],
  messageSuffix = '',
): Promise<readonly string[]> {
  const { installation, ports } = parts;
  const source = config.sources['jobs'] ?? makeSqsSource();
  const pipeline = { installation, config, source, routes: routesFrom(config, 'jobs'), ports };
  const records = ids.map((id) => sqsRecord(`m-${id}${messageSuffix}`, `{"id":"${id}"}`));
  return (await runPipeline(records, pipeline, PLENTY_OF_TIME)).map(({ outcome }) => outcome.kind);
}

/** Parts of another stack, with a table of its own, on the same Prefect. */
export function sharePrefect(parts: PipelineParts, prefect: PipelineParts['prefect']): PipelineParts {
  Object.defineProperty(parts, 'prefect', { value: prefect });
  return parts;
}
