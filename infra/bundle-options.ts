/** How a function becomes one file; the benchmark bundles what it compares with in the same way. */
import type { BuildOptions } from 'esbuild';

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
