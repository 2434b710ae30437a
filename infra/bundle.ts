/** The code asset of a handler: one minified CommonJS file with the AWS SDK in it, and the configuration beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code, type AssetCode } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { BUNDLE_OPTIONS, unusedModules } from './bundle-options.ts';

/** Folders of `functions/`; each has a `handler.ts` that exports `handler`. */
export type HandlerName = 'http-ingest' | 'sqs-trigger' | 'kafka-trigger' | 'window-flush' | 'reconcile';

/** Lambda's name for the function that `bundleHandler` puts into the asset. */
export const HANDLER = 'handler.handler';

const projectRoot = join(import.meta.dirname, '..');

/**
 * One asset for all functions of this kind: what tells them apart is their environment. The hash is that of the
 * output, so two machines that bundle the same sources get the same asset. CDK skips the bundling where nothing
 * is deployed (`cdk ls`, `cdk destroy`, tests with the context `aws:cdk:bundling-stacks`: `[]`).
 */
export function bundleHandler(name: HandlerName, config: CompiledConfig): AssetCode {
  return Code.fromAsset(join(projectRoot, 'functions', name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: bundling is done here, by esbuild. CDK wants an image nevertheless.
      image: DockerImage.fromRegistry('sluice-bundles-without-docker'),
      // CDK caches bundles of one process by these options; the configuration has to be one of them.
      command: [name, config.hash],
      local: {
        tryBundle(outputDirectory) {
          writeBundle(name, config, outputDirectory);
          return true;
        },
      },
    },
  });
}

/** Writes `handler.js` and `sluice.config.json`. @throws esbuild's BuildFailure, which it has printed. */
export function writeBundle(name: HandlerName, config: CompiledConfig, outputDirectory: string): void {
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [join('functions', name, 'handler.ts')],
    outfile: join(outputDirectory, 'handler.js'),
    ...BUNDLE_OPTIONS,
    external: [...BUNDLE_OPTIONS.external, ...unusedModules(config)],
    legalComments: 'none',
    // The compiler options of an app that embeds the construct must not change the asset.
    tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
    logLevel: 'warning',
    // import.meta is empty in CommonJS: what works in a test would fail in Lambda.
    logOverride: { 'empty-import-meta': 'error' },
  });
  writeFileSync(join(outputDirectory, 'sluice.config.json'), `${JSON.stringify(config)}\n`);
}
