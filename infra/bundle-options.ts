/** How a function becomes one file; the benchmark bundles what it compares with in the same way. */
import type { BuildOptions } from 'esbuild';
import type { CompiledConfig, CompiledSource } from '../lib/compiled-config/compiled.ts';

/**
 * Ways to credentials outside Lambda. The SDK imports them only after it has found none in the environment,
 * where Lambda always puts them, and they are a fifth of a bundle.
 */
const CREDENTIALS_OUTSIDE_LAMBDA = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/token-providers',
  '@smithy/credential-provider-imds',
];

export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  // As CommonJS: an ESM import of node:http evaluates its lazy getters and loads undici, 60 ms of a cold start.
  format: 'cjs',
  // The ES module builds of the SDK can be tree-shaken: a third less code than their CommonJS builds.
  mainFields: ['module', 'main'],
  external: CREDENTIALS_OUTSIDE_LAMBDA,
} satisfies BuildOptions;

/**
 * Libraries, and files of ours with what they import, for what a configuration may leave out; code reaches them by
 * `import()` only. They are as much as all the rest of a bundle, and what is not in it need not be read at a cold start.
 */
const OPTIONAL_MODULES: ReadonlyMap<string, (config: CompiledConfig) => boolean> = new Map([
  ['protobufjs', anySource(({ format }) => format === 'protobuf')],
  [
    '@aws-sdk/client-glue',
    anySource((source) => source.type === 'kafka' && source.schemaRegistry?.kind === 'glue'),
  ],
  [
    // By a name of package.json: esbuild would write down where a file that it leaves out is on this machine.
    '#run-inquiry',
    anySource((source) => source.type === 'http' && source.respond.mode === 'run'),
  ],
  ['@aws-sdk/client-s3', ({ routes }) => routes.some(({ run }) => run.overflow === 's3')],
]);

function anySource(matches: (source: CompiledSource) => boolean): (config: CompiledConfig) => boolean {
  return ({ sources }) => Object.values(sources).some(matches);
}

/** What is left out of the bundles of this configuration, beside `BUNDLE_OPTIONS.external`. */
export function unusedModules(config: CompiledConfig): readonly string[] {
  return [...OPTIONAL_MODULES].filter(([, isNeededBy]) => !isNeededBy(config)).map(([name]) => name);
}
