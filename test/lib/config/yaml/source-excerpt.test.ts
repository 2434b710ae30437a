import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { reportProblems } from '../../../../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';
import { makeSourceExcerpt } from '../../../../lib/config/yaml/source-excerpt.ts';

/** What `sluice validate` prints. */
function reportOf(text: string): string {
  const problems = allProblems(loadConfigText(text, 'sluice.yaml'));
  return reportProblems(problems, makeSourceExcerpt(text));
}

const excerptAt = (text: string, line: number, column: number): string | null =>
  makeSourceExcerpt(text)({ file: 'sluice.yaml', line, column });

describe('the excerpt of a file', () => {
  it('the excerpt is the line with a caret below the column', () => {
    expect(excerptAt('a: 1\nroutes: x\n', 2, 9)).toBe('    2 | routes: x\n      |         ^');
  });

  it('the excerpt keeps tabs before the caret, so that it stays below the column', () => {
    expect(excerptAt('a:\tb', 1, 4)).toBe('    1 | a:\tb\n      |   \t^');
  });

  it('the excerpt shows a part of a long line, with the column in it', () => {
    const [line = '', caret = ''] = (
      excerptAt(`a: ${'x'.repeat(300)}!${'y'.repeat(300)}`, 1, 304) ?? ''
    ).split('\n');
    expect(line.length).toBeLessThan(120);
    expect(line[caret.indexOf('^')]).toBe('!');
  });

  it('a missing or empty line has no excerpt', () => {
    expect(excerptAt('a: 1\n\n', 2, 1)).toBeNull();
    expect(excerptAt('a: 1', 9, 1)).toBeNull();
  });
});

describe('a pasted secret', () => {
  const SOURCES = 'sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" } }';
  const ROUTES = 'routes: { work: { from: [jobs], run: { deployment: work/prod } } }';
  const withPrefect = (prefect: string): string => `prefect: { ${prefect} }\n${SOURCES}\n${ROUTES}\n`;
  const withVerify = (verify: string): string =>
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { hook: { type: http, pth: 1, verify: ${verify} } }
routes: { work: { from: [hook], run: { deployment: work/prod } } }
`;

  it.each([
    ['auth', withPrefect('apiUrl: https://prefect.internal/api, auth: hunter2')],
    ['auth.secret', withPrefect('apiUrl: https://prefect.internal/api, ath: 1, auth: { secret: hunter2 }')],
    ['auth.apiKey', withPrefect('apiUrl: https://prefect.internal/api, auth: { apiKey: hunter2 }')],
    ['the URL', withPrefect('apiUrl: https://me:hunter2@prefect.internal/api, auth: none')],
    ['a URL that is not one', withPrefect('apiUrl: "https://me:hunter2@prefect:port/api", auth: none')],
    ['a header', withPrefect('apiUrl: https://a/api, auth: none, headers: { x-key: hunter2, host: a }')],
    ['verify', withVerify('hunter2')],
    ['verify.secret', withVerify('{ scheme: bearer, secret: hunter2$ }')],
    ['verify.secret as a block', withVerify('\n    scheme: bearer\n    secret: |\n      hunter2$\n  ')],
    ['verify.token', withVerify('{ scheme: bearer, token: hunter2 }')],
    ['a tag', withVerify('{ scheme: bearer, secret: !hunter2 }')],
    ['an alias', withVerify('{ scheme: bearer, secret: *hunter2 }')],
    ['text that is not YAML', 'prefect: { auth: { secret: hunter2, [ }\n'],
    [
      'a secret of Kafka',
      `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { topic: { type: kafka, bootstrapServers: ["b:9092"], topics: [orders], auth: { scheme: plain, secret: hunter2 } } }
routes: { work: { from: [topic], run: { deployment: work/prod } } }
`,
    ],
  ])('a secret that was pasted into %s is never printed', (_where, text) => {
    const report = reportOf(text);
    expect(report).not.toMatch(/^0 errors/m);
    expect(report).not.toContain('hunter2');
  });

  it('a secret in auth or verify is never printed, whatever it is', () => {
    const secret = fc.stringMatching(/^[\x21-\x7e]{8,40}$/).filter((text) => !text.startsWith('arn:'));
    fc.assert(
      fc.property(secret, fc.constantFrom(' ', '\n      '), (text, gap) => {
        const quoted = `'${text.replaceAll("'", "''")}'`;
        for (const file of [
          withPrefect(`apiUrl: https://prefect.internal/api, nothing: 1, auth: ${quoted}`),
          withVerify(`{ scheme: bearer, secret:${gap}${quoted} }`),
          withVerify(quoted),
        ]) {
          expect(reportOf(file)).not.toContain(text);
        }
      }),
    );
  });

  it('the names of schemes are printed', () => {
    expect(reportOf(withVerify('{ scheme: bearre, secret: sluice/hook }'))).toContain('scheme: bearre');
  });
});
