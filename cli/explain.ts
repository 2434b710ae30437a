/** `sluice explain`: what a configuration means, and what it would do with an event. */
import { readFileSync } from 'node:fs';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { makeSourceExcerpt } from '../lib/config/yaml/source-excerpt.ts';
import { readConfigFile } from './config-file.ts';
import { explainRoute, type Explanation } from './explanation/explain-route.ts';
import { explainSample, type SampleExplanation } from './explanation/explain-event.ts';
import { describeRun } from './rehearsal/check-expectation.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export interface ExplainOptions {
  readonly config: string;
  /** Path of a file, or `-` for standard input. */
  readonly event?: string;
  readonly source?: string;
  readonly header: readonly string[];
  readonly json: boolean;
}

/** `routeName` null: all routes. */
export async function explain(routeName: string | null, options: ExplainOptions): Promise<CommandResult> {
  const read = readConfigFile(options.config);
  if (!read.ok) return unusable(read.message);
  const loaded = loadConfigText(read.text, options.config);
  if (!loaded.ok) {
    const report = reportProblems(allProblems(loaded), makeSourceExcerpt(read.text));
    return { exitCode: EXIT_CODE.problems, output: report, errorOutput: '' };
  }
  const { config } = loaded;
  const routes = config.routes.filter(({ name }) => routeName === null || name === routeName);
  if (routes.length === 0) {
    const names = config.routes.map(({ name }) => name).join(', ');
    return unusable(`the configuration has no route ${routeName ?? ''}; it has ${names}`);
  }
  if (options.event === undefined) {
    const explanations = routes.map(explainRoute);
    return success(options.json ? JSON.stringify(explanations, null, 2) : routesText(explanations));
  }
  return explainEvent(config, routeName, { ...options, event: options.event });
}

async function explainEvent(
  config: CompiledConfig,
  routeName: string | null,
  options: ExplainOptions & { readonly event: string },
): Promise<CommandResult> {
  const names = Object.keys(config.sources);
  const source = options.source ?? (names.length === 1 ? names[0] : undefined);
  if (source === undefined || !names.includes(source)) {
    const found = options.source === undefined ? '' : `the configuration has no source ${options.source}; `;
    return unusable(`${found}name the source that receives the event with --source: ${names.join(', ')}`);
  }
  const headers = headersOf(options.header);
  if (headers === null) return unusable('write each --header as "name: value"');
  const body = readBody(options.event);
  if (typeof body === 'string') return unusable(body);
  const sample = { index: 0, source, body, headers, key: null };
  const explanation = await explainSample(config, sample, routeName);
  return success(options.json ? JSON.stringify(explanation, null, 2) : eventText(explanation));
}

/** Null when one of them is not of the form `name: value`. */
export function headersOf(written: readonly string[]): Readonly<Record<string, string>> | null {
  const pairs = written.map((text) => /^([^:\s]+):\s*(.*)$/s.exec(text));
  if (pairs.includes(null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/** Return the bytes, or why they cannot be read. */
function readBody(path: string): Uint8Array | string {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    return `Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function routesText(explanations: readonly Explanation[]): string {
  return explanations
    .map(({ route, sentences }) => [route, ...sentences.map((sentence) => `  ${sentence}`)].join('\n'))
    .join('\n\n');
}

function eventText({ explanations, runs }: SampleExplanation): string {
  const events = explanations.map(({ event, steps }) => {
    const title = event === null ? [] : [`Event ${event.id} of type ${event.type}, from ${event.source}`];
    return [...title, ...steps.map((step) => `  ${step}`)].join('\n');
  });
  const planned = runs.map((run) =>
    [
      `Flow run: ${describeRun(run)}, with the parameters`,
      indented(JSON.stringify(run.parameters, null, 2)),
    ].join('\n'),
  );
  if (events.length === 0) return 'It holds no events.';
  return [...events, ...planned].join('\n\n');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function success(output: string): CommandResult {
  return { exitCode: EXIT_CODE.success, output, errorOutput: '' };
}
