/**
 * Sets up a fresh clone and runs a script in it: `node scripts/bootstrap.mjs [run <script.ts> [argument…]]`.
 *
 * It needs only Node 20, npm and Python. Everything else, including caches, is installed into `node_modules/` and the
 * git-ignored `.local/`, if it is missing. This is JavaScript without dependencies, because it runs before a Node that
 * runs TypeScript is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** The oldest Node that runs the TypeScript of this project without a build step. */
const OLDEST_NODE = [24, 12];
const NODE_TO_INSTALL = '24.21.0';
const OLDEST_JAVA = 17;

const projectFolder = resolve(import.meta.dirname, '..');
const localFolder = join(projectFolder, '.local');
const venvFolder = join(localFolder, 'venv');
const lintVenvFolder = join(localFolder, 'lint-venv');

/** A missing prerequisite, described in one line. */
class MissingError extends Error {}

function main(argv) {
  const [command, script, ...rest] = argv;
  if (command !== undefined && (command !== 'run' || script === undefined)) {
    throw new MissingError('Usage: node scripts/bootstrap.mjs [run <script.ts> [argument…]]');
  }
  mkdirSync(localFolder, { recursive: true });
  const node = installNode();
  const environment = {
    ...process.env,
    PATH: [dirname(node), join(venvFolder, 'bin'), process.env.PATH].join(delimiter),
  };
  installPackages(environment);
  installPythonPackages(environment);
  installTemplateLinters(environment);
  warnAboutMissingPrograms();
  if (script === undefined) return;
  const scriptArguments = rest[0] === '--' ? rest.slice(1) : rest;
  runScript(node, [script, ...scriptArguments], environment);
}

/** @returns the path of a Node that is new enough: the running one, or one that npm installs into `.local/node` */
function installNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]))
    return process.execPath;

  const folder = join(localFolder, 'node', NODE_TO_INSTALL);
  const node = join(folder, 'node_modules/node/bin/node');
  const stampFile = join(folder, 'complete');
  if (existsSync(stampFile)) return node;
  console.log(`Installing Node ${NODE_TO_INSTALL}, as this is ${process.version} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Without this package.json npm would install into the project.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const installed = attempt(
    'npm',
    ['install', `node@${NODE_TO_INSTALL}`],
    npmEnvironment(process.env),
    folder,
  );
  if (!installed || !existsSync(node)) {
    throw new MissingError(
      `Node ${OLDEST_NODE.join('.')} or newer is required, and npm could not install it.`,
    );
  }
  writeFileSync(stampFile, '');
  return node;
}

/** npm writes `node_modules/.package-lock.json` last, so a lockfile that has changed since is newer. */
function installPackages(environment) {
  const installed = statSync(join(projectFolder, 'node_modules/.package-lock.json'), {
    throwIfNoEntry: false,
  });
  if (installed && installed.mtimeMs >= statSync(join(projectFolder, 'package-lock.json')).mtimeMs) return;
  console.log('Installing the npm packages …');
  if (!attempt('npm', ['ci'], npmEnvironment(environment), projectFolder)) {
    throw new MissingError('Installing the npm packages failed (`npm ci`).');
  }
}

function installPythonPackages(environment) {
  const requirements = ['requirements.txt', 'constraints.txt'].map((name) =>
    readFileSync(join(projectFolder, 'scripts', name)),
  );
  const wanted = createHash('sha256').update(Buffer.concat(requirements)).digest('hex');
  const stampFile = join(venvFolder, 'requirements.sha256');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  console.log('Installing Prefect and the AWS emulator …');
  rmSync(venvFolder, { recursive: true, force: true });
  const pipEnvironment = { PIP_CACHE_DIR: join(localFolder, 'pip-cache'), ...environment };
  if (!attempt('python3', ['-m', 'venv', venvFolder], environment, projectFolder)) {
    throw new MissingError(
      'Python 3.10 or newer with its venv module is missing (Debian: apt-get install python3-venv): ' +
        'neither Prefect nor the AWS emulator can run.',
    );
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const requirementsFile = join(projectFolder, 'scripts/requirements.txt');
  if (
    !attempt(join(venvFolder, 'bin/python'), [...pip, '-r', requirementsFile], pipEnvironment, projectFolder)
  ) {
    throw new MissingError(
      'The Python packages of scripts/requirements.txt could not be installed: ' +
        'neither Prefect nor the AWS emulator can run.',
    );
  }
  writeFileSync(stampFile, wanted);
}

/** Without them the tests of the templates are skipped. They need a venv apart: they pin other versions than Prefect. */
function installTemplateLinters(environment) {
  const requirementsFile = join(projectFolder, 'scripts/lint-requirements.txt');
  const wanted = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex');
  const stampFile = join(lintVenvFolder, 'requirements.sha256');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  console.log('Installing the linters of CloudFormation templates …');
  rmSync(lintVenvFolder, { recursive: true, force: true });
  const pipEnvironment = { PIP_CACHE_DIR: join(localFolder, 'pip-cache'), ...environment };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
  const isInstalled =
    attempt('python3', ['-m', 'venv', lintVenvFolder], environment, projectFolder) &&
    attempt(join(lintVenvFolder, 'bin/python'), pip, pipEnvironment, projectFolder);
  if (isInstalled) {
    writeFileSync(stampFile, wanted);
    return;
  }
  rmSync(lintVenvFolder, { recursive: true, force: true });
  console.warn('cfn-lint and checkov could not be installed: the tests that lint templates will be skipped.');
}

/** Warn about programs that only some tests need. */
function warnAboutMissingPrograms() {
  const javac = spawnSync('javac', ['-version'], { encoding: 'utf8' });
  if (!(Number(/\d+/.exec(javac.stdout ?? '')?.[0]) >= OLDEST_JAVA)) {
    console.warn(
      `JDK ${OLDEST_JAVA} or newer is missing: the tests on DynamoDB Local and Kafka are skipped.`,
    );
  } else if (spawnSync('mvn', ['--version']).status !== 0 && !existsSync(join(localFolder, 'kafka-broker'))) {
    console.warn('Maven is missing: the tests on Kafka are skipped.');
  }
  if (spawnSync('git', ['--version']).status !== 0) {
    console.warn('git is missing: generated files are not checked.');
  }
  if (!hasPostgres()) {
    console.warn('Postgres is missing: the tests on Prefect with Postgres are skipped.');
  }
}

function hasPostgres() {
  const debianFolder = '/usr/lib/postgresql';
  const onDebian = existsSync(debianFolder)
    ? readdirSync(debianFolder).map((version) => join(debianFolder, version, 'bin'))
    : [];
  const onPath = (process.env.PATH ?? '').split(delimiter);
  return [...onDebian, ...onPath].some((folder) => existsSync(join(folder, 'initdb')));
}

/** Keep the cache of npm in the project: under HOME it would fail without a HOME, and leave files with one. */
function npmEnvironment(environment) {
  return { npm_config_cache: join(localFolder, 'npm-cache'), ...environment };
}

/** @returns whether the command exited with 0. Its output is only shown if it failed. */
function attempt(command, args, environment, workingFolder) {
  const result = spawnSync(command, args, { cwd: workingFolder, env: environment, encoding: 'utf8' });
  if (result.status === 0) return true;
  console.error(result.error?.message ?? `${result.stdout}${result.stderr}`);
  return false;
}

/** Run the script and exit as it does. Ctrl-C reaches both processes, and the script may clean up. */
function runScript(node, args, environment) {
  const child = spawn(node, args, { cwd: projectFolder, env: environment, stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof MissingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
