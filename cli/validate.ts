/** `sluice validate`: checks a configuration file without deploying anything. */
import { allProblems, type ConfigurationResult } from '../lib/config/check-configuration.ts';
import { counted, reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { describeOmittedLogLines } from '../lib/cost/omitted-log-lines.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { makeSourceExcerpt } from '../lib/config/yaml/source-excerpt.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';
import { readConfigFile } from './config-file.ts';

export function validate(file: string, options: { readonly json: boolean }): CommandResult {
  const read = readConfigFile(file);
  if (!read.ok) return unusable(read.message);
  const result = loadConfigText(read.text, file);
  return {
    exitCode: result.ok ? EXIT_CODE.success : EXIT_CODE.problems,
    output: options.json ? jsonText(result) : plainText(result, file, read.text),
    errorOutput: '',
  };
}

function plainText(result: ConfigurationResult, file: string, text: string): string {
  const problems = allProblems(result);
  const report = problems.length === 0 ? [] : [reportProblems(problems, makeSourceExcerpt(text))];
  if (!result.ok) return report.join('\n');
  const { sources, routes, hash } = result.config;
  const counts = `${counted(Object.keys(sources).length, 'source')}, ${counted(routes.length, 'route')}`;
  const notes = notesOn(result.config).map((note) => `note: ${note}`);
  return [...report, ...notes, `${file} is valid: ${counts} (config ${hash})`].join('\n');
}

/** Consequences of a deliberate choice, which is why they are not warnings. */
function notesOn({ logs }: CompiledConfig): readonly string[] {
  const omitted = describeOmittedLogLines(logs);
  return omitted === null ? [] : [omitted];
}

/** Print errors and warnings apart, because warnings do not change the exit code. */
function jsonText(result: ConfigurationResult): string {
  return JSON.stringify(
    result.ok
      ? {
          ok: true,
          hash: result.config.hash,
          errors: [],
          warnings: result.warnings,
          notes: notesOn(result.config),
        }
      : { ok: false, hash: null, errors: result.errors, warnings: result.warnings, notes: [] },
    null,
    2,
  );
}
