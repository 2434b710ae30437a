/** A configuration of one route that is sound but for what a test says of it. */
import type { CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import type { Problem } from '../../../lib/config/issues/problem.ts';
import { reportProblems } from '../../../lib/config/issues/problem-report.ts';

export interface RouteFields {
  readonly coalesce?: string;
  readonly retention?: string;
  /** Fields of the source `jobs`, an SQS source by default. */
  readonly source?: string;
  /** Further fields of `run`, after a comma. */
  readonly run?: string;
}

const SQS = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';

function load({ coalesce = '{ mode: none }', retention = '15d', source = SQS, run = '' }: RouteFields) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { ${source} } }
routes:
  work:
    from: [jobs]
    dedupe: { retention: ${retention} }
    coalesce: ${coalesce}
    run: { deployment: work/prod${run} }
`,
    'sluice.yaml',
  );
}

export function problemsOfRoute(fields: RouteFields): readonly Problem[] {
  const result = load(fields);
  return allProblems(result);
}

/** @throws {Error} with all problems, when there are errors among them. */
export function compiledRoute(fields: RouteFields): CompiledRoute {
  const result = load(fields);
  if (!result.ok) throw new Error(reportProblems(allProblems(result)));
  const [route] = result.config.routes;
  if (route === undefined) throw new Error('the configuration has a route');
  return route;
}
