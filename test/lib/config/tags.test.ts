import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { defineConfig } from '../../../lib/config/define-config.ts';
import { liveRunRequest } from '../../../lib/prefect/flow-run-request.ts';

function problemsOf(tag: string) {
  return allProblems(
    defineConfig({
      prefect: { apiUrl: 'https://prefect.internal/api', auth: 'none' },
      sources: { jobs: { type: 'sqs', queueArn: 'arn:aws:sqs:eu-central-1:123456789012:jobs' } },
      routes: { work: { from: ['jobs'], run: { deployment: 'work/prod', tags: [tag] } } },
    }),
  ).filter(({ path }) => path.includes('tags'));
}

function tagsOfRun(tag: string): readonly string[] {
  return liveRunRequest({
    batchId: `${'A'.repeat(22)}.${'0'.repeat(64)}`,
    routeName: 'work',
    routeTags: [tag],
    configHash: 'c',
    timeoutMs: 1_000,
    members: ['m'],
    flushReason: 'invocation',
    parametersJson: '{}',
  }).tags;
}

describe('a tag of a route', () => {
  it('is carried by flow runs as it is written, or refused', () => {
    const unit = fc.constantFrom(...Array.from('aÄ😀\ud800 \u00a0\u2028\t\u200b.'));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 110 }), (tag) => {
        if (problemsOf(tag).length === 0) expect(tagsOfRun(tag)).toContain(tag);
      }),
    );
  });

  it.each(['team orders', 'Größe', '日本', '😀'.repeat(100), 'a/b=c'])('may be %j', (tag) => {
    expect(problemsOf(tag)).toEqual([]);
  });

  it.each([
    [' orders', 'orders'],
    ['orders ', 'orders'],
    ['team  orders', 'team orders'],
    ['team\u00a0orders', 'team orders'],
    ['team\u2003orders', 'team orders'],
    ['team\u2028orders', 'team orders'],
    ['team\u2029orders', 'team orders'],
    ['orders\ufeff', 'orders'],
    ['orders\ud83d', 'orders\ufffd'],
  ])('is refused, not tidied up silently: %j', (tag, carried) => {
    expect(problemsOf(tag)).toMatchObject([
      { code: 'invalid-tag', fix: `write it as runs would carry it: ${JSON.stringify(carried)}` },
    ]);
  });

  it.each([' ', '\u2028', 'a\nb', 'a\u0000'])('is refused as one that is not a line of text: %j', (tag) => {
    expect(problemsOf(tag)).toMatchObject([{ code: 'invalid-tag', fix: 'write 1 to 100 characters' }]);
  });
});
