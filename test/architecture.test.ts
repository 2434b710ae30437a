/** That the fences of `.dependency-cruiser.cjs` and `eslint.config.js` bite: each is shown a violation. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const projectFolder = resolve(import.meta.dirname, '..');
const rulesFile = join(projectFolder, '.dependency-cruiser.cjs');

const Cruise = z.object({
  modules: z.array(
    z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) }),
  ),
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** Runs dependency-cruiser as `npm run check:architecture` does; it exits with the number of violations. */
async function cruise(workingFolder: string, paths: readonly string[]): Promise<z.infer<typeof Cruise>> {
  const program = join(projectFolder, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [program, '--config', rulesFile, '--output-type', 'json', ...paths];
  const options = { cwd: workingFolder, maxBuffer: 64 * 1024 * 1024 };
  try {
    return Cruise.parse(JSON.parse((await promisify(execFile)(process.execPath, args, options)).stdout));
  } catch (failure) {
    const withOutput = z.object({ stdout: z.string().min(1) }).safeParse(failure);
    if (!withOutput.success) throw failure;
    return Cruise.parse(JSON.parse(withOutput.data.stdout));
  }
}

/**
 * List pairs of folders below `parent` that reach each other, as `batching ↔ windows`. A module directly under it is a
 * unit of its own. dependency-cruiser compares files only, so a knot of folders would go unnoticed.
 */
function folderCycles(modules: z.infer<typeof Cruise>['modules'], parent: string): readonly string[] {
  const unitOf = (path: string): string | undefined =>
    path.startsWith(`${parent}/`) ? path.slice(parent.length + 1).split('/')[0] : undefined;
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const from = unitOf(source);
    if (from === undefined) continue;
    const targets = imports.get(from) ?? new Set();
    imports.set(from, targets);
    for (const { resolved } of dependencies) {
      const to = unitOf(resolved);
      if (to !== undefined && to !== from) targets.add(to);
    }
  }
  const reachableFrom = (start: string): ReadonlySet<string> => {
    const reached = new Set<string>();
    const pending = [start];
    for (let unit = pending.pop(); unit !== undefined; unit = pending.pop()) {
      for (const next of imports.get(unit) ?? []) {
        if (!reached.has(next)) pending.push(next);
        reached.add(next);
      }
    }
    return reached;
  };
  const reachable = new Map([...imports.keys()].map((unit) => [unit, reachableFrom(unit)]));
  return [...reachable].flatMap(([unit, reached]) =>
    [...reached]
      .filter((other) => unit < other && reachable.get(other)?.has(unit) === true)
      .map((other) => `${unit} ↔ ${other}`),
  );
}

/** For each rule the file that breaks it, and how. */
const violations: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'no-cycles': ['lib/event/egg.ts', `import '../routing/hen.ts';`],
  'core-knows-no-shell': ['lib/routing/shell.ts', `import '@aws-sdk/client-sqs';`],
  'core-knows-no-io': ['lib/routing/io.ts', `import { readFileSync } from 'node:fs'; readFileSync('');`],
  'core-knows-no-adapters': ['lib/routing/adapter.ts', `import '../adapters/clock.ts';`],
  'lib-knows-no-callers': ['lib/adapters/caller.ts', `import '../../functions/trigger/handler.ts';`],
  'aws-lambda-types-stay-in-functions': [
    'lib/adapters/types.ts',
    `import type { SQSEvent } from 'aws-lambda'; export type Event = SQSEvent;`,
  ],
  'functions-are-strangers': ['functions/other/handler.ts', `import '../trigger/handler.ts';`],
  'runtime-never-imports-authoring': ['lib/executor/authoring.ts', `import '../config/load-config.ts';`],
  'runtime-never-imports-authoring-libraries': ['functions/other/schema.ts', `import 'zod';`],
  'infra-knows-configuration-only': ['infra/pipeline.ts', `import '../lib/pipeline.ts';`],
  'nothing-imports-tests': ['cli/main.ts', `import '../test/support/fake.ts';`],
  'chaos-sees-what-users-see': ['test/chaos/checker.ts', `import '../support/fake.ts';`],
  'no-unresolvable': ['lib/routing/missing.ts', `import './nowhere.ts';`],
};

/** What the violations import, and what every rule has to let pass. */
const lawful: Readonly<Record<string, string>> = {
  'lib/pipeline.ts': `import { hash } from 'node:crypto'; import './compiled-config/compiled.ts'; hash('sha256', '');`,
  'lib/compiled-config/compiled.ts': '',
  'lib/config/load-config.ts': `import 'zod'; import '../compiled-config/compiled.ts';`,
  // Two folders import each other, though no two files do.
  'lib/batching/batch.ts': `import '../windows/window.ts';`,
  'lib/windows/window.ts': '',
  'lib/windows/window-rules.ts': `import '../batching/coalesce.ts';`,
  'lib/batching/coalesce.ts': '',
  'node_modules/zod/package.json': '{ "name": "zod", "main": "index.js" }',
  'node_modules/zod/index.js': '',
  'lib/adapters/clock.ts': `import '@aws-sdk/client-sqs'; import '../pipeline.ts';`,
  'lib/routing/hen.ts': `import '../event/egg.ts';`,
  'functions/trigger/handler.ts': `import type { SQSEvent } from 'aws-lambda'; import '../../lib/adapters/clock.ts';
    import './environment.ts'; export type Event = SQSEvent;`,
  'functions/trigger/environment.ts': '',
  'infra/app.ts': `import 'aws-cdk-lib/aws-lambda'; import '../lib/compiled-config/compiled.ts';`,
  'test/support/fake.ts': `import '../../lib/pipeline.ts';`,
  'node_modules/@aws-sdk/client-sqs/package.json': '{ "name": "@aws-sdk/client-sqs", "main": "index.js" }',
  'node_modules/@aws-sdk/client-sqs/index.js': '',
  'node_modules/aws-cdk-lib/package.json': '{ "name": "aws-cdk-lib" }',
  'node_modules/aws-cdk-lib/aws-lambda/index.js': '',
  'node_modules/@types/aws-lambda/package.json': '{ "name": "@types/aws-lambda", "types": "index.d.ts" }',
  'node_modules/@types/aws-lambda/index.d.ts': 'export interface SQSEvent {}',
  'package.json': `{ "type": "module", "dependencies": { "@aws-sdk/client-sqs": "1", "aws-cdk-lib": "1", "zod": "1" },
    "devDependencies": { "@types/aws-lambda": "1" } }`,
};

describe('the import rules', () => {
  const seededFolder = mkdtempSync(join(tmpdir(), 'sluice-architecture-'));
  let brokenRules = new Map<string, readonly string[]>();
  let seededModules: z.infer<typeof Cruise>['modules'] = [];

  beforeAll(async () => {
    const seeds = [...Object.entries(lawful), ...Object.values(violations)];
    for (const [file, text] of seeds) {
      mkdirSync(dirname(join(seededFolder, file)), { recursive: true });
      writeFileSync(join(seededFolder, file), text);
    }
    copyFileSync(join(projectFolder, 'tsconfig.json'), join(seededFolder, 'tsconfig.json'));
    const { modules, summary } = await cruise(seededFolder, ['lib', 'functions', 'infra', 'cli', 'test']);
    seededModules = modules;
    brokenRules = new Map(
      Object.entries(Object.groupBy(summary.violations, ({ rule }) => rule.name)).map(
        ([name, found = []]) => [name, found.map(({ from }) => from)],
      ),
    );
  });

  afterAll(() => {
    rmSync(seededFolder, { recursive: true });
  });

  it.each(Object.entries(violations))('%s bites', (rule, [file]) => {
    expect(brokenRules.get(rule)).toContain(file);
  });

  it('let pass what they are meant to let pass', () => {
    const accused = new Set([...brokenRules.values()].flat());
    accused.delete('lib/routing/hen.ts'); // the other half of the cycle
    expect([...accused].filter((file) => file in lawful)).toEqual([]);
  });

  it('have each a violation here', () => {
    const Rules = z.object({ forbidden: z.array(z.object({ name: z.string() })) });
    const { forbidden } = Rules.parse(createRequire(import.meta.url)(rulesFile));
    expect(Object.keys(violations).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it('are applied to every module of the real tree, and all of them hold', async () => {
    // With a TypeScript that it does not know, dependency-cruiser finds no modules and no violations.
    const { modules, summary } = await cruise(projectFolder, ['lib', 'functions']);
    expect(summary.totalCruised).toBeGreaterThan(10);
    expect(summary.violations).toEqual([]);
    expect(folderCycles(modules, 'lib')).toEqual([]);
    expect(folderCycles(modules, 'lib/config')).toEqual([]);
  });

  it('notice folders of lib/ that import each other, though no two files do', () => {
    expect(folderCycles(seededModules, 'lib')).toContain('batching ↔ windows');
  });
});

describe('the lint rules that keep the core pure', () => {
  const eslint = new ESLint({
    cwd: projectFolder,
    overrideConfig: [tseslint.configs.disableTypeChecked],
  });

  async function complaintsAbout(text: string, filePath: string): Promise<readonly string[]> {
    const results = await eslint.lintText(text, { filePath });
    return results.flatMap(({ messages }) => messages.map(({ message }) => message));
  }

  const impurities = [
    'export const now = Date.now();',
    'export const now = new Date();',
    'export const now = Date();',
    'export const elapsed = performance.now();',
    'export const luck = Math.random();',
    'export const id = crypto.randomUUID();',
    `import { randomUUID } from 'node:crypto'; export const id = randomUUID();`,
    `export const region = process.env['AWS_REGION'];`,
    `export const answer = fetch('https://example.com');`,
    `export const answer = globalThis.fetch('https://example.com');`,
    'setTimeout(() => {}, 1);',
    'setInterval(() => {}, 1);',
  ];

  it.each(impurities)('refuse in the core: %s', async (text) => {
    expect(await complaintsAbout(text, 'lib/seeded.ts')).toContainEqual(
      expect.stringContaining('The core is pure'),
    );
  });

  it.each(impurities)('allow in an adapter: %s', async (text) => {
    expect((await complaintsAbout(text, 'lib/adapters/seeded.ts')).join()).not.toContain('The core is pure');
  });

  it('allow a date that is made of a number', async () => {
    const text = 'export const dateOf = (epochMs: number): Date => new Date(epochMs);';
    expect(await complaintsAbout(text, 'lib/seeded.ts')).toEqual([]);
  });
});
