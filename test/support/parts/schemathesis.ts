/** A fuzzer that knows only the OpenAPI document, as judge of an endpoint. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonProgram } from '../../../scripts/stack/paths.ts';

export interface JudgeOptions {
  /** OpenAPI, in JSON. */
  readonly document: string;
  readonly url: string;
  readonly bearerToken: string;
  /** Of each operation, besides those that the fuzzer always tries: about 500 for three operations. */
  readonly maxExamples: number;
  /** Checks that do not hold where it stands. @default - none */
  readonly skippedChecks?: readonly string[];
}

export interface Judgement {
  readonly exitCode: unknown;
  readonly output: string;
}

/** What is wrong with a request is for the endpoint to say; here it is about how it says it. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'ignored_auth',
  'unsupported_method',
];

/** The same requests each time. */
export async function judgeEndpoint(options: JudgeOptions): Promise<Judgement> {
  const { document, url, bearerToken, maxExamples, skippedChecks = [] } = options;
  const checks = CHECKS.filter((check) => !skippedChecks.includes(check));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-openapi-'));
  const documentFile = join(folder, 'openapi.json');
  writeFileSync(documentFile, document);
  const args = [
    ...['run', documentFile, '--url', url, '--header', `Authorization: Bearer ${bearerToken}`],
    ...['--checks', checks.join(','), '--max-examples', String(maxExamples), '--seed', '1', '--no-color'],
  ];
  try {
    return await new Promise((resolve) => {
      execFile(pythonProgram('schemathesis'), args, { cwd: folder }, (error, output, errorOutput) => {
        resolve({ exitCode: error?.code ?? 0, output: output + errorOutput });
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
