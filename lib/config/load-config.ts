/** The front end for `sluice.yaml`. */
import { checkConfiguration, type ConfigurationResult } from './check-configuration.ts';
import type { Overrides } from './overrides.ts';
import { parseYaml } from './yaml/yaml-file.ts';

/**
 * Compile the text of a configuration file, or return all of its problems at once, each with its position.
 * `fileName` is part of the positions; `overrides` replace values of the file.
 */
export function loadConfigText(
  yamlText: string,
  fileName: string,
  overrides: Overrides = {},
): ConfigurationResult {
  const parsed = parseYaml(yamlText, fileName);
  if (!parsed.ok) return parsed;
  return checkConfiguration(parsed.value, overrides, parsed.locate);
}
