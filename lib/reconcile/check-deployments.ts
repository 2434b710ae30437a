/** Checks that Prefect has the deployment of every route: without it no event of the route gets a flow run. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { EMPTY_ROUTES_REPORT, type RouteFinding, type RoutesReport } from './findings.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

export async function checkDeployments(
  { routes }: Pick<CompiledConfig, 'routes'>,
  { deployments }: Pick<ReconcilePorts, 'deployments'>,
): Promise<RoutesReport> {
  const findings: RouteFinding[] = [];
  for (const { name, run } of routes) {
    const result = await deployments.resolveDeployment(run.flow, run.deployment, true);
    const deployment = `${run.flow}/${run.deployment}`;
    if (result.kind === 'not-found') {
      const detail = 'Prefect has no such deployment: deploy it, or fix run.deployment of the route';
      findings.push({ kind: 'deployment-missing', route: name, deployment, detail });
    } else if (result.kind === 'unavailable') {
      findings.push({ kind: 'indeterminate', route: name, deployment, detail: result.detail });
    }
  }
  const countOf = (kind: RouteFinding['kind']): number =>
    findings.filter((each) => each.kind === kind).length;
  return {
    ...EMPTY_ROUTES_REPORT,
    routes: routes.length,
    deploymentsMissing: countOf('deployment-missing'),
    deploymentsIndeterminate: countOf('indeterminate'),
    findings,
  };
}
