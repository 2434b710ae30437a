/** `sluice validate`: checks a configuration file without deploying anything. */
import { readConfigFile } from './config-file.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { reportProblems } from '../lib/config/problem-report.ts';
import { allProblems, type ConfigurationResult } from '../lib/config/check-configuration.ts';

export const EXIT_CODE = { success: 0, problems: 1, unusable: 2 } as const;

export interface CommandResult {
  readonly exitCode: (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
  readonly output: string;
  readonly errorOutput: string;
}

export function validate(file: string, options: { readonly json: boolean }): CommandResult {
  const read = readConfigFile(file);
  if (!read.ok) return { exitCode: EXIT_CODE.unusable, output: '', errorOutput: read.message };
  const result = loadConfigText(read.text, file);
  return {
    exitCode: result.ok ? EXIT_CODE.success : EXIT_CODE.problems,
    output: options.json ? jsonText(result) : plainText(result, file),
    errorOutput: '',
  };
}

function plainText(result: ConfigurationResult, file: string): string {
  if (!result.ok) return reportProblems(allProblems(result));
  const { sources, routes, hash } = result.config;
  const counts = `${counted(Object.keys(sources).length, 'source')}, ${counted(routes.length, 'route')}`;
  const valid = `${file} is valid: ${counts} (config ${hash})`;
  return result.warnings.length === 0 ? valid : `${reportProblems(result.warnings)}\n${valid}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Print errors and warnings apart, because warnings do not change the exit code. */
function jsonText(result: ConfigurationResult): string {
  return JSON.stringify(
    result.ok
      ? { ok: true, hash: result.config.hash, errors: [], warnings: result.warnings }
      : { ok: false, hash: null, errors: result.errors, warnings: result.warnings },
    null,
    2,
  );
}
