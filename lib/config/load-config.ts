/** The front end for `sluice.yaml`. */
import { checkConfiguration, type ConfigurationResult } from './check-configuration.ts';
import type { Overrides } from './overrides.ts';
import { readYaml } from './yaml-file.ts';

/**
 * Compiles the text of a configuration file, or tells all of its problems at once, each with its place.
 * `fileName` is what the places are reported with; `overrides` take the place of what the file says.
 */
export function loadConfigText(
  yamlText: string,
  fileName: string,
  overrides: Overrides = {},
): ConfigurationResult {
  const reading = readYaml(yamlText, fileName);
  if (!reading.ok) return reading;
  return checkConfiguration(reading.value, overrides, reading.locate);
}
