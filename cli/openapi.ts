/** `sluice openapi`: the OpenAPI document of the endpoint, for those who send to it. */
import { readConfigFile } from './config-file.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { reportProblems } from '../lib/config/problem-report.ts';
import { openApiDocument } from '../lib/openapi/document.ts';
import { EXIT_CODE, type CommandResult } from './validate.ts';

export function openApi(file: string, options: { readonly server?: string }): CommandResult {
  const reading = readConfigFile(file);
  if (!reading.ok) return { exitCode: EXIT_CODE.unusable, output: '', errorOutput: reading.message };
  const answer = loadConfigText(reading.text, file);
  if (!answer.ok) {
    return { exitCode: EXIT_CODE.problems, output: '', errorOutput: reportProblems(allProblems(answer)) };
  }
  const document = openApiDocument(answer.config, options.server?.replace(/\/+$/, '') ?? null);
  return { exitCode: EXIT_CODE.sound, output: JSON.stringify(document, null, 2), errorOutput: '' };
}
