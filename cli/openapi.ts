/** `sluice openapi`: prints the OpenAPI document of the endpoint, for its clients. */
import { readConfigFile } from './config-file.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { openApiDocument } from '../lib/openapi/document.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export function openApi(file: string, options: { readonly server?: string }): CommandResult {
  const read = readConfigFile(file);
  if (!read.ok) return unusable(read.message);
  const result = loadConfigText(read.text, file);
  if (!result.ok) {
    return { exitCode: EXIT_CODE.problems, output: '', errorOutput: reportProblems(allProblems(result)) };
  }
  const document = openApiDocument(result.config, options.server?.replace(/\/+$/, '') ?? null);
  return { exitCode: EXIT_CODE.success, output: JSON.stringify(document, null, 2), errorOutput: '' };
}
