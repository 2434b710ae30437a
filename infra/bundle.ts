/** The code asset of a handler: one minified CommonJS file with the AWS SDK in it, and the configuration beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code, type AssetCode } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { CompiledConfig } from '../lib/config/compiled.ts';

/** Folders of `functions/`; each has a `handler.ts` that exports `handler`. */
export type HandlerName = 'http-ingest' | 'sqs-trigger';

/** Lambda's name for the function that `bundleHandler` puts into the asset. */
export const HANDLER = 'handler.handler';

/**
 * Ways to credentials on a developer's machine. The SDK imports them only after it has found none in the
 * environment, where Lambda always puts them, and they are a fifth of a bundle.
 */
const CREDENTIALS_OUTSIDE_LAMBDA = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/token-providers',
];

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
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    // As CommonJS: an ESM import of node:http evaluates its lazy getters and loads undici, 60 ms of a cold start.
    format: 'cjs',
    // The ES module builds of the SDK can be tree-shaken: a third less code than their CommonJS builds.
    mainFields: ['module', 'main'],
    external: CREDENTIALS_OUTSIDE_LAMBDA,
    legalComments: 'none',
    // The compiler options of whoever embeds the construct must not change the asset.
    tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
    logLevel: 'warning',
    // import.meta is empty in CommonJS: what works in a test would fail in Lambda.
    logOverride: { 'empty-import-meta': 'error' },
  });
  writeFileSync(join(outputDirectory, 'sluice.config.json'), `${JSON.stringify(config)}\n`);
}
