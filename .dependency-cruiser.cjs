// The import rules of ARCHITECTURE.md. `test/architecture.test.ts` shows that each of them bites.
const core = '^lib/(?!adapters/)';
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-knows-no-shell',
      comment:
        'The core is pure: AWS SDKs, middy, Powertools and CDK belong to adapters, functions and infra.',
      severity: 'error',
      from: { path: core },
      to: {
        path: 'node_modules/(@aws-sdk|@smithy|@middy|@aws-lambda-powertools|aws-cdk-lib|constructs|aws-lambda|@types/aws-lambda)',
      },
    },
    {
      name: 'core-knows-no-io',
      comment:
        'Of Node the core uses what only computes; time, network, files and environment are arguments.',
      severity: 'error',
      from: { path: core },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|zlib)$' },
    },
    {
      name: 'core-knows-no-adapters',
      severity: 'error',
      from: { path: core },
      to: { path: '^lib/adapters/' },
    },
    {
      name: 'lib-knows-no-callers',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(functions|infra|cli|scripts|test|bench)/' },
    },
    {
      name: 'aws-lambda-types-stay-in-functions',
      severity: 'error',
      from: { pathNot: '^(functions|test|bench)/' },
      to: { path: 'node_modules/(@types/)?aws-lambda(/|$)' },
    },
    {
      name: 'functions-are-strangers',
      comment: 'A function imports lib, its own folder and what all functions share, never another function.',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^(functions/(?!$1/)[^/]+/|infra/|cli/|scripts/|test/)' },
    },
    {
      name: 'runtime-never-imports-authoring',
      comment:
        'What runs in Lambda reads the compiled configuration; YAML and its model stay out of the bundles.',
      severity: 'error',
      from: { path: '^(lib/(?!config/)|functions/)' },
      to: { path: '^lib/config/' },
    },
    {
      name: 'runtime-never-imports-authoring-libraries',
      comment: 'Zod and yaml cost a cold start 40 ms: only the authoring side may load them.',
      severity: 'error',
      from: { path: '^(lib/(?!config/)|functions/)' },
      to: { path: 'node_modules/(zod|yaml)/' },
    },
    {
      name: 'infra-knows-configuration-only',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(lib/(?!config/|compiled-config/)|functions/|cli/(?!config-file)|scripts/|test/)' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^test/' },
    },
    {
      name: 'chaos-sees-what-users-see',
      comment:
        'The black-box check must not inherit a mistake of the code that it checks, however indirectly.',
      severity: 'error',
      from: { path: '^test/chaos/' },
      to: { path: '^lib/', reachable: true },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    // Seen but not followed: excluded packages could not be forbidden either.
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(cdk\\.out|\\.local)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
