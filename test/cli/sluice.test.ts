import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { makeSourceExcerpt } from '../../lib/config/yaml/source-excerpt.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { VERSION } from '../../lib/version.ts';

const COMMAND = fileURLToPath(new URL('../../cli/sluice.ts', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../sluice.yaml', import.meta.url));
const BROKEN = 'prefect: { apiUrl: https://prefect.internal/api }\nsources: {}\n';

interface Run {
  readonly exitCode: number | string | null | undefined;
  readonly output: string;
  readonly errorOutput: string;
}

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  writeFileSync(join(folder, 'broken.yaml'), BROKEN);
  const sample = readFileSync(SAMPLE, 'utf8');
  writeFileSync(join(folder, 'quiet.yaml'), `${sample}\nlogs: { outcomes: { sampled: 1% } }\n`);
  writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0xe4, 0x3a, 0x20, 0x31]));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The real process, in the folder of the test's files. */
function sluice(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { cwd: folder }, (error, output, errorOutput) => {
      resolve({ exitCode: error === null ? 0 : error.code, output, errorOutput });
    });
  });
}

describe('sluice redrive', () => {
  it.each([
    [['redrive', '--yes', '--dry-run']],
    [['redrive', '--per-minute', '0']],
    [['redrive', '--since', 'yesterday']],
    [['redrive', 'Sluice']],
  ])('ends with 2 for the arguments %j', async (args) => {
    const run = await sluice(...args);
    expect(run).toMatchObject({ exitCode: 2, output: '' });
    expect(run.errorOutput).not.toBe('');
  });

  it('says in its help that it sends nothing without --yes', async () => {
    const { output } = await sluice('redrive', '--help');
    expect(output.replaceAll(/\s+/g, ' ')).toContain('dry run unless --yes is given');
  });
});

describe('sluice reconcile', () => {
  it('ends with 2 for unknown options, and does nothing', async () => {
    const run = await sluice('reconcile', '--yes');
    expect(run).toMatchObject({ exitCode: 2, output: '' });
    expect(run.errorOutput).toContain('--yes');
  });
});

describe('sluice validate', () => {
  it('ends with 0 and prints the hash of a valid file', async () => {
    const run = await sluice('validate', SAMPLE);
    expect(run).toMatchObject({ exitCode: 0, errorOutput: '' });
    expect(run.output).toMatch(/is valid: 3 sources, 2 routes \(config [0-9a-f]{16}\)\n$/);
  });

  it('says what the log cannot tell when its lines are left out', async () => {
    const run = await sluice('validate', 'quiet.yaml');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.output).toMatch(/^note: logs\.outcomes is sampled: 1%: the log says of 1% of the events/m);
    const json = await sluice('validate', '--json', 'quiet.yaml');
    expect(json.output).toContain('"notes": [\n    "logs.outcomes is sampled: 1%');
  });

  it('ends with 1 and prints each problem with its line for a file with problems', async () => {
    const answer = loadConfigText(BROKEN, 'broken.yaml');
    const report = reportProblems(allProblems(answer), makeSourceExcerpt(BROKEN));
    expect(report).toContain('broken.yaml:1:1 missing-field prefect.auth: found nothing');
    expect(await sluice('validate', 'broken.yaml')).toEqual({
      exitCode: 1,
      output: `${report}\n`,
      errorOutput: '',
    });
  });

  it('prints the same problems as JSON when asked', async () => {
    const { exitCode, output } = await sluice('validate', '--json', 'broken.yaml');
    const Answer = z.object({
      ok: z.boolean(),
      notes: z.array(z.string()),
      hash: z.null(),
      errors: z.array(z.unknown()),
      warnings: z.array(z.unknown()),
    });
    const answer = loadConfigText(BROKEN, 'broken.yaml');
    expect(exitCode).toBe(1);
    expect(Answer.parse(JSON.parse(output))).toEqual({
      ok: false,
      notes: [],
      hash: null,
      errors: answer.ok ? [] : answer.errors,
      warnings: answer.warnings,
    });
  });

  it('ends with 2 for a file that does not exist, also for the default one', async () => {
    expect(await sluice('validate')).toEqual({
      exitCode: 2,
      output: '',
      errorOutput:
        'Cannot read sluice.yaml: the file does not exist; pass the configuration file as an argument\n',
    });
  });

  it('ends with 2 for a folder and for a file that is not UTF-8', async () => {
    const [ofFolder, ofLatin1] = await Promise.all([
      sluice('validate', '.'),
      sluice('validate', 'latin1.yaml'),
    ]);
    expect(ofFolder).toMatchObject({ exitCode: 2 });
    expect(ofFolder.errorOutput).toContain('it is a folder');
    expect(ofLatin1).toMatchObject({ exitCode: 2 });
    expect(ofLatin1.errorOutput).toContain('it is not UTF-8 text');
  });

  it.each([[['frobnicate']], [['validate', '--jsno']], [['validate', 'a', 'b']], [[]]])(
    'ends with 2 for the arguments %j',
    async (args) => {
      const run = await sluice(...args);
      expect(run.exitCode).toBe(2);
      expect(run.errorOutput).not.toBe('');
    },
  );

  it('prints its version', async () => {
    expect(await sluice('--version')).toEqual({ exitCode: 0, output: `${VERSION}\n`, errorOutput: '' });
  });

  it('ends with 0 and explains the exit codes when asked for help', async () => {
    const run = await sluice('--help');
    expect(run.exitCode).toBe(0);
    expect(run.output).toContain('Exit codes:\n  0  success');
  });
});
