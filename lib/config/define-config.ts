/** The front end for a CDK app that configures Sluice in TypeScript. */
import { checkConfiguration, type ConfigurationResult } from './check-configuration.ts';
import type { ConfigurationInput } from './configuration-model.ts';
import type { Overrides } from './overrides.ts';

/** Compile a configuration, or return all of its problems at once; they have no position in a file. */
export function defineConfig(
  configuration: ConfigurationInput,
  overrides: Overrides = {},
): ConfigurationResult {
  return checkConfiguration(configuration, overrides, () => null);
}
