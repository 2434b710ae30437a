/** What stops a configuration from working in the account and region that it is deployed to. */
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import type { ProblemCode } from '../lib/config/issues/problem-codes.ts';

/** The account of local emulators. */
const EMULATOR_ACCOUNT = '000000000000';

/** Warnings that are harmless on an emulator only. */
export const EMULATOR_ONLY: readonly ProblemCode[] = ['loopback-address', 'emulator-account'];

export interface DeploymentTarget {
  readonly account: string;
  readonly region: string;
}

/**
 * Read the target from the environment, where the CDK command line puts what it found out from the credentials. `null`
 * without credentials, and for an emulator.
 */
export function readDeploymentTarget(
  env: Readonly<Record<string, string | undefined>>,
): DeploymentTarget | null {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region, AWS_ENDPOINT_URL: endpointUrl } = env;
  if (account === undefined || region === undefined || account === EMULATOR_ACCOUNT) return null;
  return endpointUrl === undefined ? { account, region } : null;
}

/**
 * Queues and clusters of another account or region, one line each. A queue in another account would need a policy that
 * names a role which does not exist yet, and CloudWatch has no metrics of it here; Lambda reads no queue of another region.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-cross-account-example.html
 */
export function foreignResources({ sources }: CompiledConfig, target: DeploymentTarget): readonly string[] {
  return Object.values(sources).flatMap((source) => {
    const arn = arnOf(source);
    if (arn === null) return [];
    const [, , , region, account] = arn.split(':');
    if (region === target.region && account === target.account) return [];
    return [
      `sources.${source.name}: ${arn} is not in account ${target.account} and region ${target.region}, to which this is ` +
        'deployed — deploy Sluice where the queue or the cluster is, or forward the events to a queue here',
    ];
  });
}

function arnOf(source: CompiledConfig['sources'][string]): string | null {
  if (source.type === 'sqs') return source.queueArn;
  return source.type === 'kafka' && source.cluster.kind === 'msk' ? source.cluster.clusterArn : null;
}
