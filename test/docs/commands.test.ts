/**
 * Every command in the documentation runs here, or is listed with the test that runs it, or with the reason why no test
 * does. A new command fails until it is listed, as does an entry whose command is no longer in the documentation.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { nodeFolder, projectFolder } from '../../scripts/stack/paths.ts';
import { codeBlocks, inlineCode, MARKDOWN_FILES } from '../support/docs/markdown.ts';

/** Programs whose mention with arguments is a command that a reader may copy. */
const PROGRAMS =
  /^(?:[A-Z_]+=\S+ )?(?:npm|npx|node|sluice|cdk|aws|git|curl|openssl|jq|kafka-acls|pip|apt-get|docker|export)(?: |$)/;

/** Words that look like a command, but name a program, a command of it, or a configuration file. */
const NAMES = [
  'npm test',
  'npm ci',
  'cdk synth',
  'cdk deploy',
  'cdk destroy',
  'cdk diff',
  'cdk bootstrap',
  ...['validate', 'explain', 'test', 'trace', 'cost', 'openapi', 'redrive', 'reconcile'].map(
    (name) => `sluice ${name}`,
  ),
];

const SHELL_LANGUAGES = ['sh', 'bash', 'console'];

/** @returns statements of a shell script: continued lines and quoted line breaks belong together */
function statements(script: string): readonly string[] {
  const found: string[] = [];
  let open = '';
  for (const line of script.trimEnd().split('\n')) {
    open = open === '' ? line : `${open}\n${line}`;
    const quotes = open.replaceAll(/\\'/g, '').match(/'/g)?.length ?? 0;
    if (open.endsWith('\\') || quotes % 2 === 1) continue;
    found.push(withoutComment(open.replaceAll(/\\\n\s*/g, '')).trim());
    open = '';
  }
  return found.filter((statement) => statement !== '');
}

function withoutComment(statement: string): string {
  return statement.replace(/\s+# .*$/s, '');
}

const commands = [
  ...new Set(
    MARKDOWN_FILES.filter((file) => file !== 'CHANGELOG.md').flatMap((file) => [
      ...codeBlocks(file)
        .filter(({ language }) => SHELL_LANGUAGES.includes(language))
        .flatMap(({ text }) => statements(text)),
      ...inlineCode(file)
        .map(({ text }) => text)
        .filter((text) => PROGRAMS.test(text) && text.includes(' ') && !NAMES.includes(text)),
    ]),
  ),
].sort();

const temporaryFolder = mkdtempSync(join(tmpdir(), 'sluice-docs-'));

afterAll(() => {
  rmSync(temporaryFolder, { recursive: true });
});

interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Run a command as a reader does, with nothing of the machine's npm and AWS configuration. */
function run(command: string, cwd = projectFolder, variables: Readonly<Record<string, string>> = {}): Run {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: [nodeFolder, process.env['PATH'] ?? ''].join(delimiter),
      HOME: temporaryFolder,
      npm_config_cache: join(temporaryFolder, 'npm'),
      ...variables,
    },
  });
  return { status, output: `${stdout}${stderr}` };
}

/** An AWS where nothing listens: a command with valid arguments fails when it looks for the stack. */
const UNREACHABLE_AWS = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

function expectItLooksForItsStack(command: string): void {
  const program = command
    .replace(/^(?:npx )?sluice/, `node ${packageJson.bin.sluice}`)
    .replace('<url>', 'https://sqs.us-east-1.amazonaws.com/123456789012/jobs-dead-letters')
    .replace('<name>', 'jobs');
  const { status, output } = run(program, projectFolder, UNREACHABLE_AWS);
  expect(output).toMatch(/^Cannot (?:redrive|reconcile|trace|compare)/m);
  expect(status).toBe(2);
}

const projects = readFileSync(join(projectFolder, 'vitest.config.ts'), 'utf8');

function expectScript(command: string): void {
  const [, name = ''] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
  expect(Object.keys(packageJson.scripts)).toContain(name);
}

type Check = (command: string) => void;

/** Each pattern with its check: the first one that matches a command runs it. */
const CHECKED: readonly (readonly [RegExp, Check])[] = [
  [
    /^npx sluice (?:validate|test|explain)$/,
    (command) => {
      expect(run(command)).toMatchObject({ status: 0 });
    },
  ],
  [
    /^npx sluice explain --event order\.json /,
    (command) => {
      const order = join(temporaryFolder, 'order.json');
      writeFileSync(order, '{"orderId":"A-1","total":5,"region":"eu"}');
      expect(run(command.replace('order.json', order))).toMatchObject({ status: 0 });
    },
  ],
  [
    /^npx sluice cost\b/,
    (command) => {
      const { status, output } = run(command);
      expect(output).toContain('sluice.yaml costs about $');
      expect(status).toBe(0);
    },
  ],
  [/^npx sluice (?:redrive|reconcile|trace|validate --stack)\b/, expectItLooksForItsStack],
  [
    /^npm (?:run|test)\b/,
    (command) => {
      expectScript(command);
      for (const [, name = ''] of command.matchAll(/ (unit|infra|contract|integration|e2e)\b/g)) {
        expect(projects).toContain(`name: '${name}'`);
      }
    },
  ],
  [
    /npx vitest run --project/,
    (command) => {
      const [, project = '', file = ''] = /--project (\S+) (\S+)/.exec(command) ?? [];
      expect(projects).toContain(`name: '${project}'`);
      expect(file.includes('<name>') || existsSync(join(projectFolder, file))).toBe(true);
    },
  ],
  [
    /^(?:npx )?cdk \w+ .*-c /,
    (command) => {
      const known = readFileSync(join(projectFolder, 'infra/app-context.ts'), 'utf8');
      for (const [, name = ''] of command.matchAll(/-c (\w+)=/g)) {
        expect(known).toMatch(new RegExp(`\\b${name}\\b`));
      }
    },
  ],
  [
    /^openssl pkcs8 -topk8/,
    (command) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeFileSync(join(temporaryFolder, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
      const { status, output } = run(`${command} -passout pass:secret`, temporaryFolder);
      expect(output).not.toContain('unknown option');
      expect(status).toBe(0);
      const key = readFileSync(join(temporaryFolder, 'key-p8.pem'), 'utf8');
      expect(key).toContain('BEGIN ENCRYPTED PRIVATE KEY');
      expect(algorithmOf(key)).toBe('pbeWithSHA1And3-KeyTripleDES-CBC');
    },
  ],
  [
    /^jq -n --rawfile/,
    (command) => {
      writeFileSync(join(temporaryFolder, 'chain.pem'), 'certificate\n');
      writeFileSync(join(temporaryFolder, 'key-p8.pem'), 'key\n');
      const { output } = run(command, temporaryFolder);
      if (output.includes('not found')) return;
      expect(JSON.parse(output)).toEqual({ certificate: 'certificate\n', privateKey: 'key\n' });
    },
  ],
  [
    /^export PATH="\$PWD\/\.local\/node/,
    (command) => {
      const bootstrap = readFileSync(join(projectFolder, 'scripts/bootstrap.mjs'), 'utf8');
      const [, version = ''] = /NODE_TO_INSTALL = '([\d.]+)'/.exec(bootstrap) ?? [];
      expect(command).toContain(`/node/${version}/`);
      expect(run(`${command} && prettier --version`)).toMatchObject({ status: 0 });
    },
  ],
];

/** PBES1 as Lambda reads it: the object identifier 1.2.840.113549.1.12.1.3. */
function algorithmOf(pem: string): string {
  const oid = Buffer.from('2a864886f70d010c0103', 'hex');
  const der = Buffer.from(pem.replaceAll(/-----.*?-----|\s/g, ''), 'base64');
  return der.includes(oid) ? 'pbeWithSHA1And3-KeyTripleDES-CBC' : 'another one';
}

/** Commands that another test runs, or that none runs, with the reason. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^git clone <this repository>/, 'needs the address of the repository'],
  [/^curl -X POST <endpoint>/, 'test/e2e/endpoint.test.ts posts to the deployed endpoint'],
  [/^npm ci$/, 'replaces node_modules; scripts/bootstrap.mjs runs it, and CI with it'],
  [/^npm install --save-exact /, 'changes package.json'],
  [/^npx cdk (?:bootstrap|deploy)$/, 'test/support/setup/e2e.ts runs both against the emulator'],
  [
    /^node bin\/run\.mjs scripts\/kafka\/mapping-program\.ts/,
    'runs until it is stopped, on a broker of its own',
  ],
  [/^aws /, 'needs the AWS command line and an account'],
  [/^kafka-acls /, 'needs the command line of Kafka'],
  [/^apt-get install /, 'changes the machine'],
  [/^pip (?:install|freeze)/, 'resolves versions anew'],
];

const checked = commands.flatMap((command) => {
  const found = CHECKED.find(([pattern]) => pattern.test(command));
  return found === undefined ? [] : [{ command, check: found[1] }];
});

describe('the commands in the documentation', () => {
  it('are found in blocks and in the text', () => {
    expect(statements('a 1 \\\n  -b  # why\n\nc \'{\n  "d": 1\n}\'\n')).toEqual([
      'a 1 -b',
      'c \'{\n  "d": 1\n}\'',
    ]);
    expect(commands.length).toBeGreaterThan(25);
  });

  it.each(checked)('$command: runs', ({ command, check }) => {
    check(command);
  });

  it('are each run here, or listed with the test that runs them or the reason why none does', () => {
    const known = [...CHECKED, ...ELSEWHERE].map(([pattern]) => pattern);
    expect(commands.filter((command) => !known.some((pattern) => pattern.test(command)))).toEqual([]);
  });

  it('include every command that is listed here', () => {
    const stale = [...CHECKED, ...ELSEWHERE].filter(
      ([pattern]) => !commands.some((command) => pattern.test(command)),
    );
    expect(stale.map(([pattern]) => pattern.source)).toEqual([]);
  });
});
