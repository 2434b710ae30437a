/** `sluice test`: run the tests of routes, without AWS and without Prefect. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { allProblems } from '../lib/config/check-configuration.ts';
import { counted, reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import type { RouteTest, Sample } from '../lib/config/tests/model.ts';
import { parseTestFile, testsOfConfiguration } from '../lib/config/tests/parse-tests.ts';
import { makeSourceExcerpt } from '../lib/config/yaml/source-excerpt.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { readConfigFile } from './config-file.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';
import { checkExpectation } from './rehearsal/check-expectation.ts';
import { rehearse, UnknownSourceError, type RehearsedSample } from './rehearsal/rehearse.ts';

export interface TestRoutesOptions {
  readonly config: string;
  readonly json: boolean;
}

/** Run beside the configuration, if there is one and no other is named. */
const DEFAULT_TEST_FILE = 'sluice.test.yaml';

interface LocatedTest {
  readonly test: RouteTest;
  readonly file: string;
}

interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly passed: boolean;
  readonly problems: readonly string[];
}

export async function testRoutes(
  files: readonly string[],
  options: TestRoutesOptions,
): Promise<CommandResult> {
  const read = readConfigFile(options.config);
  if (!read.ok) return unusable(read.message);
  const loaded = loadConfigText(read.text, options.config);
  if (!loaded.ok) {
    const report = reportProblems(allProblems(loaded), makeSourceExcerpt(read.text));
    return { exitCode: EXIT_CODE.problems, output: report, errorOutput: '' };
  }
  const tests: LocatedTest[] = testsOfConfiguration(read.text, options.config).map((test) => ({
    test,
    file: options.config,
  }));
  for (const file of files.length > 0 ? files : defaultFiles(options.config)) {
    const text = readConfigFile(file);
    if (!text.ok) return unusable(text.message);
    const parsed = parseTestFile(text.text, file);
    if (parsed.kind === 'invalid') {
      const report = reportProblems(parsed.problems, makeSourceExcerpt(text.text));
      return { exitCode: EXIT_CODE.problems, output: report, errorOutput: '' };
    }
    tests.push(...parsed.tests.map((test) => ({ test, file })));
  }
  if (tests.length === 0) {
    return unusable(
      `There are no tests: write them into ${DEFAULT_TEST_FILE}, or below tests: in ${options.config}`,
    );
  }
  const results: TestResult[] = [];
  for (const each of tests) results.push(await runTest(each, loaded.config));
  const hasFailed = results.some(({ passed }) => !passed);
  return {
    exitCode: hasFailed ? EXIT_CODE.problems : EXIT_CODE.success,
    output: options.json ? JSON.stringify({ ok: !hasFailed, tests: results }, null, 2) : plainText(results),
    errorOutput: '',
  };
}

function defaultFiles(config: string): readonly string[] {
  const file = resolve(dirname(config), DEFAULT_TEST_FILE);
  return existsSync(file) ? [file] : [];
}

async function runTest({ test, file }: LocatedTest, config: CompiledConfig): Promise<TestResult> {
  const problems = await problemsOf(test, file, config);
  return { name: test.name, file, passed: problems.length === 0, problems };
}

async function problemsOf(test: RouteTest, file: string, config: CompiledConfig): Promise<readonly string[]> {
  const samples: RehearsedSample[] = [];
  for (const [place, sample] of test.events.entries()) {
    const source = sample.source ?? test.source;
    if (source === undefined) return [`events[${place}]: name its source, or that of the test`];
    const body = bodyOf(sample, file);
    if (body.kind === 'unreadable') return [`events[${place}]: ${body.message}`];
    for (let time = 0; time < sample.repeat; time++) {
      const { headers, key = null } = sample;
      samples.push({ index: samples.length, source, body: body.bytes, headers, key });
    }
  }
  try {
    return checkExpectation(test.expect, await rehearse(config, samples));
  } catch (error) {
    if (error instanceof UnknownSourceError) return [error.message];
    throw error;
  }
}

type SampleBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array | null }
  | { readonly kind: 'unreadable'; readonly message: string };

/** A text is the body as it is; anything else is sent as JSON. */
function bodyOf({ body, file }: Sample, testFile: string): SampleBody {
  if (file !== undefined) {
    if (body !== undefined)
      return { kind: 'unreadable', message: 'it has a body and a file; remove one of them' };
    const path = resolve(dirname(testFile), file);
    try {
      return { kind: 'body', bytes: readFileSync(path) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'unreadable', message: `its file cannot be read: ${reason}` };
    }
  }
  if (body === undefined)
    return { kind: 'unreadable', message: 'it has neither a body nor a file; write one' };
  if (body === null) return { kind: 'body', bytes: null };
  return { kind: 'body', bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

function plainText(results: readonly TestResult[]): string {
  const failed = results.filter(({ passed }) => !passed);
  return [
    ...results.map(({ name, file, passed, problems }) =>
      passed
        ? `passed  ${name}`
        : [`failed  ${name} (${file})`, ...problems.map((each) => `          ${each}`)].join('\n'),
    ),
    `${counted(results.length, 'test')}, ${failed.length} failed`,
  ].join('\n');
}
