/** Downloads Java programs with Maven, and keeps them in `.local/`. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { localFolder } from './paths.ts';

/** `jars`: the dependencies of a pom. `archive`: one artifact, unpacked; `group:artifact:version:type:classifier`. */
export type MavenProgram =
  | { readonly name: string; readonly kind: 'jars'; readonly pomFile: string }
  | { readonly name: string; readonly kind: 'archive'; readonly artifact: string };

export type MavenFiles =
  { readonly kind: 'ready'; readonly folder: string } | { readonly kind: 'absent'; readonly reason: string };

const OLDEST_JAVA = 17;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Download the program on first use, which needs Maven; afterwards only a JDK is needed.
 *
 * @throws if Maven fails, with its output
 */
export async function mavenFiles(program: MavenProgram): Promise<MavenFiles> {
  if (!(javaVersion() >= OLDEST_JAVA)) {
    return { kind: 'absent', reason: `Java ${String(OLDEST_JAVA)} or newer is not on the PATH.` };
  }
  const folder = join(localFolder, program.name, digestOf(program));
  if (existsSync(folder)) return { kind: 'ready', folder };
  if (spawnSync('mvn', ['--version']).status !== 0) {
    return {
      kind: 'absent',
      reason: 'Maven (mvn), which downloads it, is not on the PATH (Debian: apt-get install maven).',
    };
  }
  console.log(`Downloading the ${program.name} with Maven …`);
  mkdirSync(join(localFolder, program.name), { recursive: true });
  const unfinished = mkdtempSync(join(localFolder, program.name, 'unfinished-'));
  await promisify(execFile)(
    'mvn',
    [
      ...['--quiet', '--batch-mode', `-Dmaven.repo.local=${join(localFolder, 'maven-repository')}`],
      ...goalOf(program),
      `-DoutputDirectory=${unfinished}`,
    ],
    { cwd: localFolder, timeout: DOWNLOAD_TIMEOUT_MS },
  );
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was faster, with the same result.
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return { kind: 'ready', folder };
}

function goalOf(program: MavenProgram): readonly string[] {
  return program.kind === 'jars'
    ? ['-f', program.pomFile, 'dependency:copy-dependencies', '-DincludeScope=runtime']
    : ['dependency:unpack', `-Dartifact=${program.artifact}`];
}

/** Use a separate folder for each version, so that a changed pom is downloaded again. */
function digestOf(program: MavenProgram): string {
  const content = program.kind === 'jars' ? readFileSync(program.pomFile) : program.artifact;
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

function javaVersion(): number {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return java.error === undefined ? Number(/version "(\d+)/.exec(java.stderr)?.[1]) : NaN;
}
