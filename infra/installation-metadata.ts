/** Writes into the template which routes are deployed. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { METADATA_PREFIX, type InstallationMetadata } from '../lib/compiled-config/stack-metadata.ts';

export function addInstallationMetadata(
  scope: Construct,
  installation: string,
  { routes }: CompiledConfig,
): void {
  const metadata: InstallationMetadata = {
    routes: Object.fromEntries(
      routes.map(({ name, run: { flow, deployment } }) => [name, `${flow}/${deployment}`]),
    ),
  };
  Stack.of(scope).addMetadata(`${METADATA_PREFIX}${installation}`, metadata);
}
