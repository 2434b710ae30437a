/** The front end for a CDK app that configures Sluice in TypeScript. */
import { checkConfiguration, type ConfigurationResult } from './check-configuration.ts';
import type { ConfigurationInput } from './model/configuration-model.ts';
import type { Overrides } from './overrides.ts';

/** Compiles a configuration, or tells all of its problems at once; they have no place in a file. */
export function defineConfig(
  configuration: ConfigurationInput,
  overrides: Overrides = {},
): ConfigurationResult {
  return checkConfiguration(configuration, overrides, () => null);
}
