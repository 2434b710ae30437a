/** Java programs from Maven's registry, brought by its own client `mvn` and kept in `.local/`. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { localFolder } from './paths.ts';

/** Jars: a pom's dependencies. Archive: one artifact, unpacked; `group:artifact:version:type:classifier`. */
export type MavenProgram =
  | { readonly name: string; readonly kind: 'jars'; readonly pomFile: string }
  | { readonly name: string; readonly kind: 'archive'; readonly artifact: string };

export type MavenFiles =
  { readonly kind: 'ready'; readonly folder: string } | { readonly kind: 'absent'; readonly reason: string };

const OLDEST_JAVA = 17;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Downloads on the first use, which needs Maven; afterwards a JDK is all that is needed.
 *
 * @throws when Maven fails, with what it said
 */
export async function mavenFiles(program: MavenProgram): Promise<MavenFiles> {
  if (!(javaVersion() >= OLDEST_JAVA)) {
    return { kind: 'absent', reason: `There is no Java ${String(OLDEST_JAVA)} or newer on the PATH.` };
  }
  const folder = join(localFolder, program.name, digestOf(program));
  if (existsSync(folder)) return { kind: 'ready', folder };
  if (spawnSync('mvn', ['--version']).status !== 0) {
    return {
      kind: 'absent',
      reason: 'There is no Maven (mvn) on the PATH to download it with (Debian: apt-get install maven).',
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
    // Another process was first, with the same result.
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

/** A folder of its own for each version, so that a changed pom is downloaded anew. */
function digestOf(program: MavenProgram): string {
  const content = program.kind === 'jars' ? readFileSync(program.pomFile) : program.artifact;
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

function javaVersion(): number {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return java.error === undefined ? Number(/version "(\d+)/.exec(java.stderr)?.[1]) : NaN;
}
