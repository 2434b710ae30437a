/** Runs the CDK app as the CDK command line does, without the command line. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import cdk from '../../../cdk.json' with { type: 'json' };

const projectFolder = join(import.meta.dirname, '../../..');

export interface AppRun {
  readonly exitCode: number;
  readonly stderr: string;
  /** Where the cloud assembly is, if there is one. */
  readonly outputFolder: string;
}

export interface AppRunOptions {
  /** Text of the configuration. */
  readonly yaml: string;
  /** @default - of this checkout */
  readonly projectFolder?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Environment variables, as the CDK command line sets them. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default false */
  readonly bundle?: boolean;
}

export function runApp(options: AppRunOptions): Promise<AppRun> {
  const folder = makeTemporaryFolder();
  const outputFolder = join(folder, 'cdk.out');
  writeFileSync(join(folder, 'sluice.yaml'), options.yaml);
  const context = {
    ...cdk.context,
    ...(options.bundle !== true && { 'aws:cdk:bundling-stacks': [] }),
    ...options.context,
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(options.projectFolder ?? projectFolder, 'infra/app.ts')],
      {
        cwd: folder,
        env: {
          ...process.env,
          ...options.env,
          CDK_OUTDIR: outputFolder,
          CDK_CONTEXT_JSON: JSON.stringify(context),
        },
      },
      (error, _stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, stderr, outputFolder });
      },
    );
  });
}

/** What is bundled and synthesized from, in another place on the disk. */
export function copyProject(): string {
  const folder = makeTemporaryFolder();
  for (const part of ['infra', 'lib', 'functions', 'cli', 'package.json', 'cdk.json', 'tsconfig.json']) {
    cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

export function readOutput(run: AppRun, file: string): string {
  return readFileSync(join(run.outputFolder, file), 'utf8');
}

const temporaryFolders: string[] = [];

afterAll(() => {
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
});

/** Gone when the test file is done. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-infra-'));
  temporaryFolders.push(folder);
  return folder;
}
