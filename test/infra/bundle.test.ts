import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { BUNDLE_OPTIONS } from '../../infra/bundle-options.ts';
import { writeBundle, type HandlerName } from '../../infra/bundle.ts';
import { Sluice } from '../../infra/sluice.ts';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { makeTemporaryFolder } from '../support/parts/app-run.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
} from '../support/builders/compiled-config.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

const config = makeCompiledConfig([makeHttpSource(), makeKafkaSource()]);

/** Each with a source that it can serve. */
const handlers: readonly (readonly [HandlerName, string])[] = [
  ['http-ingest', 'orders-hook'],
  ['sqs-trigger', 'orders-hook'],
  ['kafka-trigger', 'orders-topic'],
];

/** As a deployed function has it, with a name for each resource. */
const environment = {
  AWS_REGION: 'eu-west-1',
  SLUICE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/queue',
  SLUICE_TABLE_NAME: 'table',
  SLUICE_INSTALLATION: 'table',
  SLUICE_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead-letters',
};

const REPORT = `
  const { handler } = require('./handler.js');
  const undici = process.moduleLoadList.filter((name) => name.includes('undici'));
  console.log(JSON.stringify({ handler: typeof handler, undici }));
`;

function loadBundle(name: HandlerName, source: string, bundled = config): unknown {
  const folder = makeTemporaryFolder();
  writeBundle(name, bundled, folder);
  const report = execFileSync(process.execPath, ['--eval', REPORT], {
    cwd: folder,
    env: { ...environment, SLUICE_SOURCE: source, LAMBDA_TASK_ROOT: folder },
    encoding: 'utf8',
  });
  return JSON.parse(report);
}

describe.each(handlers)('the bundle of %s', (name, source) => {
  it('starts on its own, far from any node_modules, and without loading undici', () => {
    expect(loadBundle(name, source)).toEqual({ handler: 'function', undici: [] });
  });
});

/** Files of the authoring side in a bundle, which would cost every cold start 40 ms. */
function authoringInputsOf(entryPoint: string): readonly string[] {
  const { metafile } = buildSync({
    ...BUNDLE_OPTIONS,
    entryPoints: [entryPoint],
    outfile: 'bundle.js',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs).filter((path) =>
    /^lib\/config\/|node_modules\/(?:zod|yaml)\//.test(path),
  );
}

describe('the inputs of a bundle', () => {
  it.each(['http-ingest', 'sqs-trigger', 'kafka-trigger', 'window-flush', 'reconcile'])(
    'of %s are runtime code only: neither zod, nor yaml, nor the authoring of configurations',
    (name) => {
      expect(authoringInputsOf(`functions/${name}/handler.ts`)).toEqual([]);
    },
  );

  it('would show the authoring side if a function imported it', () => {
    const inputs = authoringInputsOf('cli/validate.ts');
    expect(inputs.some((path) => path.startsWith('lib/config/'))).toBe(true);
    expect(inputs.some((path) => path.includes('node_modules/zod/'))).toBe(true);
  });
});

describe('the bundle of a Kafka source', () => {
  const registry = { kind: 'confluent', url: 'https://registry.example.com', authSecret: null } as const;
  const missingFrom = (bundled: CompiledConfig): readonly string[] => {
    const folder = makeTemporaryFolder();
    writeBundle('kafka-trigger', bundled, folder);
    const code = readFileSync(join(folder, 'handler.js'), 'utf8');
    return ['protobufjs', '@aws-sdk/client-glue'].filter((name) => code.includes(`require("${name}`));
  };

  it.each([
    ['JSON', makeKafkaSource(), ['protobufjs', '@aws-sdk/client-glue']],
    [
      'Avro',
      makeKafkaSource({ format: 'avro', schemaRegistry: registry }),
      ['protobufjs', '@aws-sdk/client-glue'],
    ],
    ['Protobuf', makeKafkaSource({ format: 'protobuf', schemaRegistry: registry }), ['@aws-sdk/client-glue']],
    [
      'JSON Schema of AWS Glue',
      makeKafkaSource({ format: 'json-schema', schemaRegistry: { kind: 'glue', region: 'eu-west-1' } }),
      ['protobufjs'],
    ],
  ])(
    'with values in %s leaves out the libraries that they do not need, and starts',
    (_what, source, missing) => {
      const bundled = makeCompiledConfig([source]);
      expect(missingFrom(bundled)).toEqual(missing);
      expect(loadBundle('kafka-trigger', source.name, bundled)).toMatchObject({ handler: 'function' });
    },
  );
});

describe('the bundle of a queue', () => {
  // The engine defines this name when it is evaluated.
  const REPORT_ENGINE = `
    let isLoaded = false;
    const { defineProperty } = Object;
    Object.defineProperty = (target, key, descriptor) => {
      isLoaded ||= key === 'RE2JSSyntaxException';
      return defineProperty(target, key, descriptor);
    };
    require('./handler.js');
    console.log(isLoaded);
  `;

  it.each([
    ['with matches() in a filter loads the engine for patterns', 'event.data.s.matches("^[a-z]+$")', 'true'],
    ['without matches() does not load the engine for patterns', 'event.data.s == "a"', 'false'],
  ])('%s at its cold start', (_what, when, isLoaded) => {
    const routes = [makeRoute({ from: ['orders-hook'], when })];
    const folder = makeTemporaryFolder();
    writeBundle('sqs-trigger', makeCompiledConfig([makeHttpSource()], { routes }), folder);
    const report = execFileSync(process.execPath, ['--eval', REPORT_ENGINE], {
      cwd: folder,
      env: { ...environment, SLUICE_SOURCE: 'orders-hook', LAMBDA_TASK_ROOT: folder },
      encoding: 'utf8',
    });
    expect(report.trim()).toBe(isLoaded);
  });
});

describe('the bundle of an HTTP source', () => {
  const codeFor = (bundled: CompiledConfig): string => {
    const folder = makeTemporaryFolder();
    writeBundle('http-ingest', bundled, folder);
    return readFileSync(join(folder, 'handler.js'), 'utf8');
  };

  it('has expressions and the table only where flow runs are answered with, and starts', () => {
    const respond = { mode: 'run', maxWaitSeconds: 10 } as const;
    const answering = makeCompiledConfig([makeHttpSource({ respond }), makeKafkaSource()]);
    expect(codeFor(config)).not.toContain('BatchGetItem');
    expect(codeFor(answering)).toContain('BatchGetItem');
    expect(codeFor(config).length).toBeLessThan(codeFor(answering).length * 0.8);
    expect(loadBundle('http-ingest', 'orders-hook', answering)).toEqual({ handler: 'function', undici: [] });
  });
});

describe('the assets of one process', () => {
  it('are bundled anew for each configuration', () => {
    const stacks = ['0000000000000001', '0000000000000002'].map((hash) => {
      // An app of its own: in one app the two would read the same queue.
      const stack = new Stack(new App(), `Stack${hash}`);
      new Sluice(stack, 'Sluice', { config: makeCompiledConfig(undefined, { hash }) });
      return stack;
    });
    const assets = stacks.map((stack) =>
      propertiesOf(Template.fromStack(stack), 'AWS::Lambda::Function').map(({ Code }) =>
        JSON.stringify(Code),
      ),
    );
    expect(assets.map((ofStack) => new Set(ofStack).size)).toEqual([3, 3]);
    expect(new Set(assets.flat()).size).toBe(6);
  });
});
