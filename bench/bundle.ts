import { build } from 'esbuild';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_OPTIONS, unusedModules } from '../infra/bundle-options.ts';
import { sluiceConfig } from './sluice-config.ts';

export interface Bundle {
  readonly folder: string;
  readonly file: string;
  readonly kib: number;
}

/** Bundle an entry point as the CDK app bundles its functions: CommonJS with the SDK, minified except for profiles. */
export async function bundle(entry: string, folder: string, minify: boolean): Promise<Bundle> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'index.cjs');
  await build({
    entryPoints: [entry],
    outfile: file,
    ...BUNDLE_OPTIONS,
    external: [...BUNDLE_OPTIONS.external, ...unusedModules(sluiceConfig(''))],
    minify,
    // The emulator speaks http, and for that alone the SDK imports node:http as an ES module, which loads undici:
    // 60 ms of a first invocation that no function pays on AWS. Required instead, it costs what https costs there.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  });
  return { folder, file, kib: statSync(file).size / 1024 };
}
