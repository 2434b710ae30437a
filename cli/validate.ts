/** `sluice validate`: checks a configuration file without deploying anything. */
import { readConfigFile } from './config-file.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { reportProblems } from '../lib/config/problem-report.ts';
import { allProblems, type ConfigurationResult } from '../lib/config/check-configuration.ts';

export const EXIT_CODE = { sound: 0, problems: 1, unusable: 2 } as const;

export interface CommandResult {
  readonly exitCode: (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
  readonly output: string;
  readonly errorOutput: string;
}

export function validate(file: string, options: { readonly json: boolean }): CommandResult {
  const reading = readConfigFile(file);
  if (!reading.ok) return { exitCode: EXIT_CODE.unusable, output: '', errorOutput: reading.message };
  const answer = loadConfigText(reading.text, file);
  return {
    exitCode: answer.ok ? EXIT_CODE.sound : EXIT_CODE.problems,
    output: options.json ? jsonText(answer) : plainText(answer, file),
    errorOutput: '',
  };
}

function plainText(answer: ConfigurationResult, file: string): string {
  if (!answer.ok) return reportProblems(allProblems(answer));
  const { sources, routes, hash } = answer.config;
  const count = `${Object.keys(sources).length} sources, ${routes.length} routes`;
  const sound = `${file} is sound: ${count}, configuration ${hash}`;
  return answer.warnings.length === 0 ? sound : `${reportProblems(answer.warnings)}\n${sound}`;
}

/** Warnings do not change the exit code. */
function jsonText(answer: ConfigurationResult): string {
  return JSON.stringify(
    answer.ok
      ? { ok: true, hash: answer.config.hash, errors: [], warnings: answer.warnings }
      : { ok: false, hash: null, errors: answer.errors, warnings: answer.warnings },
    null,
    2,
  );
}
