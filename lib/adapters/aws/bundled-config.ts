/** The compiled configuration that `cdk synth` put beside the function's code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledConfig } from '../../compiled-config/compiled.ts';

const FILE_NAME = 'sluice.config.json';

/** The bundle is not of one piece: deploying again helps, retrying does not. */
export class BundledConfigError extends Error {
  override readonly name = 'BundledConfigError';
}

/**
 * Reads `sluice.config.json` from the folder of the function's code (`LAMBDA_TASK_ROOT`). It was validated when
 * it was compiled; only its version is checked, in case code and configuration are not of one deployment.
 * @throws BundledConfigError
 */
export function readBundledConfig(taskRoot: string): CompiledConfig {
  const path = join(taskRoot, FILE_NAME);
  const config = parseConfig(path);
  if (!isCompiledConfig(config)) {
    throw new BundledConfigError(
      `${path} is not a configuration of format version 1: deploy the function again`,
    );
  }
  return config;
}

function parseConfig(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new BundledConfigError(`${path} cannot be read as JSON: deploy the function again`, { cause });
  }
}

function isCompiledConfig(config: unknown): config is CompiledConfig {
  return (
    typeof config === 'object' && config !== null && 'formatVersion' in config && config.formatVersion === 1
  );
}
