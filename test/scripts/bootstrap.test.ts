/** The bootstrap in a project of its own, where npm and Python only note what they are asked to do. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const NPM = `#!/bin/sh
echo "npm $*" >> calls
mkdir -p node_modules && : > node_modules/.package-lock.json`;
const PYTHON = `#!/bin/sh
echo "python $1 $2 $3" >> calls
case "$2" in venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python";; esac`;
const FAILING = `#!/bin/sh
echo "what it says when it fails" >&2
exit 1`;

describe('scripts/bootstrap.mjs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-bootstrap-'));
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'scripts'));
    for (const file of ['bootstrap.mjs', 'requirements.txt', 'constraints.txt', 'lint-requirements.txt']) {
      cpSync(resolve(import.meta.dirname, '../../scripts', file), join(folder, 'scripts', file));
    }
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    install('npm', NPM);
    install('python3', PYTHON);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function install(name: string, text: string): void {
    writeFileSync(join(folder, 'bin', name), text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  function bootstrap(...args: readonly string[]) {
    return spawnSync(process.execPath, ['scripts/bootstrap.mjs', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
    });
  }

  function takeCalls(): readonly string[] {
    const file = join(folder, 'calls');
    const calls = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return calls;
  }

  it('installs the packages of npm and PyPI once', () => {
    expect(bootstrap().status).toBe(0);
    expect(takeCalls()).toEqual([
      'npm ci',
      `python -m venv ${join(folder, '.local/venv')}`,
      'python -m pip install',
      `python -m venv ${join(folder, '.local/lint-venv')}`,
      'python -m pip install',
    ]);
    expect(bootstrap().status).toBe(0);
    expect(takeCalls()).toEqual([]);
  });

  it('installs only packages that have changed again', () => {
    bootstrap();
    takeCalls();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(folder, 'package-lock.json'), later, later);
    bootstrap();
    expect(takeCalls()).toEqual(['npm ci']);

    const installed = join(folder, 'node_modules/.package-lock.json');
    utimesSync(installed, later, later);
    writeFileSync(join(folder, 'scripts/constraints.txt'), 'anyio==0');
    bootstrap();
    expect(takeCalls().map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'python -m venv',
      'python -m pip',
    ]);
  });

  it.each([
    { missing: 'npm', line: 'Installing the npm packages failed (`npm ci`).' },
    { missing: 'python3', line: 'neither Prefect nor the AWS emulator can run.' },
  ])('prints one line if $missing is missing, and retries next time', ({ missing, line }) => {
    install(missing, FAILING);
    const failed = bootstrap('run', 'script.ts');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('what it says when it fails');
    expect(failed.stderr.trimEnd().split('\n').at(-1)).toContain(line);

    install('npm', NPM);
    install('python3', PYTHON);
    expect(bootstrap().status).toBe(0);
  });

  it('says which tests are skipped without a JDK', () => {
    install('javac', FAILING);
    const { stderr, status } = bootstrap();
    expect(status).toBe(0);
    expect(stderr).toContain(
      'JDK 17 or newer is missing: the tests on DynamoDB Local and Kafka are skipped.',
    );
    expect(stderr).not.toContain('Maven');
  });

  it('says that Kafka is skipped until Maven is installed', () => {
    install('javac', '#!/bin/sh\necho javac 17');
    install('mvn', FAILING);
    const line = 'Maven is missing: the tests on Kafka are skipped.';
    expect(bootstrap().stderr).toContain(line);
    mkdirSync(join(folder, '.local/kafka-broker'));
    expect(bootstrap().stderr).not.toContain(line);
  });

  it('runs a TypeScript file with its arguments and ends with its exit code', () => {
    writeFileSync(
      join(folder, 'script.ts'),
      'const count: number = process.argv.length - 2; console.log(process.argv.slice(2)); process.exit(count);',
    );
    const { stdout, status } = bootstrap('run', 'script.ts', '--', 'one', '--two', 'three');
    expect(stdout).toContain("[ 'one', '--two', 'three' ]");
    expect(status).toBe(3);
  });

  it('puts the Python packages before everything else on the PATH of the script', () => {
    writeFileSync(join(folder, 'script.ts'), 'console.log(process.env.PATH)');
    const folders = bootstrap('run', 'script.ts').stdout.trimEnd().split('\n').at(-1)?.split(':') ?? [];
    expect(folders.slice(0, 2)).toEqual([resolve(process.execPath, '..'), join(folder, '.local/venv/bin')]);
  });

  it('prints its usage for other arguments', () => {
    const { stderr, status } = bootstrap('start');
    expect(status).toBe(1);
    expect(stderr).toContain('Usage: node scripts/bootstrap.mjs [run <script.ts> [argument…]]');
  });
});
