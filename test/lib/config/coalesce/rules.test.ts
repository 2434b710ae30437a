import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText } from '../../../../lib/config/scalars/duration.ts';
import { reportProblem } from '../../../../lib/config/issues/problem-report.ts';
import { problemsOfRoute } from '../../../support/builders/route-configuration.ts';

const codesOf = (coalesce: string) => problemsOfRoute({ coalesce }).map(({ code }) => code);
const reportsOf = (coalesce: string) =>
  problemsOfRoute({ coalesce }).map((problem) => reportProblem(problem).replace(/^\S+ /, ''));

describe('a window by the clock', () => {
  const NIGHTLY = 'at: "cron(0 2 * * ? *)"';

  it.each([
    [`{ mode: window, ${NIGHTLY} }`, []],
    [`{ mode: window, ${NIGHTLY}, zone: Europe/Berlin, key: event.data.region, maxEvents: 10 }`, []],
    [`{ mode: window, ${NIGHTLY}, maxWait: 1h }`, ['window-has-two-ends']],
    [`{ mode: window, ${NIGHTLY}, bypassWhen: event.data.urgent }`, ['window-has-two-ends']],
    ['{ mode: window, maxWait: 1h, zone: Europe/Berlin }', ['window-has-two-ends']],
    [`{ mode: window, ${NIGHTLY}, zone: Berlin }`, ['invalid-zone']],
    [`{ mode: window, ${NIGHTLY}, zone: "+01:00" }`, ['invalid-zone']],
    [`{ mode: window, ${NIGHTLY}, zone: "" }`, ['invalid-zone']],
    ['{ mode: window, at: daily }', ['invalid-cron']],
    ['{ mode: window, at: 2 }', ['wrong-type']],
    ['{ mode: window, at: "cron(0 2 31 2 ? *)" }', ['invalid-cron']],
    ['{ mode: window, at: "cron(0 2 1 1 ? *)" }', ['invalid-cron']],
    ['{ mode: window, at: "cron(0 2 1 * ? *)" }', ['retention-shorter-than-wait']],
    [`{ mode: window, ${NIGHTLY}, emptyRun: true }`, ['empty-run-not-supported-yet']],
    [`{ mode: sliding, size: 2m, every: 1m, ${NIGHTLY} }`, ['coalesce-option-not-in-mode']],
  ])('%s has the problems %j', (coalesce, codes) => {
    expect(codesOf(coalesce)).toEqual(codes);
  });

  it('may wait a month with a retention beyond it', () => {
    expect(
      problemsOfRoute({ coalesce: '{ mode: window, at: "cron(0 2 1 * ? *)" }', retention: '40d' }),
    ).toEqual([]);
  });
});

describe('what a mode of coalescing must say', () => {
  it.each([
    ['window', ['maxWait']],
    ['debounce', ['quiet', 'maxWait']],
    ['sliding', ['size', 'every']],
  ])('missing options of mode %s are reported all at once', (mode, fields) => {
    const problems = problemsOfRoute({ coalesce: `{ mode: ${mode} }` });
    expect(problems.map(({ code, path }) => [code, path])).toEqual(
      fields.map((field) => ['missing-field', `routes.work.coalesce.${field}`]),
    );
    for (const problem of problems) expect(problem.fix).toMatch(/^add it, for example \w+: \d+[sm]$/);
  });

  it('an option of another mode is refused, with the mode to which it belongs', () => {
    expect(reportsOf('{ mode: window, maxWait: 10s, quiet: 5s, size: 1m }')).toEqual([
      'coalesce-option-not-in-mode routes.work.coalesce.quiet: found quiet, which belongs to mode debounce, beside mode window — remove it, or write mode: debounce',
      'coalesce-option-not-in-mode routes.work.coalesce.size: found size, which belongs to mode sliding, beside mode window — remove it, or write mode: sliding',
    ]);
    expect(reportsOf('{ mode: sliding, size: 10m, every: 1m, bypassWhen: event.data.urgent }')).toEqual([
      'coalesce-option-not-in-mode routes.work.coalesce.bypassWhen: found bypassWhen, which belongs to mode window or debounce, beside mode sliding — remove it, or write mode: window',
    ]);
  });

  it('a misspelt option of coalescing gets a suggestion', () => {
    expect(reportsOf('{ mode: windw }')).toEqual([
      'unknown-value routes.work.coalesce.mode: found the text "windw" — did you mean window?',
    ]);
    expect(reportsOf('{ mode: window, max_wait: 10s, maxWait: 10s }')).toEqual([
      'unknown-field routes.work.coalesce.max_wait: found the unknown field max_wait — did you mean maxWait?',
    ]);
  });

  it.each([
    ['{ mode: window, maxWait: 500ms }', 'invalid-duration', 'write whole seconds, 0s to 7d'],
    ['{ mode: window, maxWait: 1.5s }', 'invalid-duration', 'write whole seconds, 0s to 7d'],
    ['{ mode: debounce, quiet: 500ms, maxWait: 1m }', 'invalid-duration', 'write whole seconds, 1s to 1d'],
    ['{ mode: sliding, size: 1m, every: 100ms }', 'invalid-duration', 'write whole seconds, 1s to 12h'],
    ['{ mode: window, maxWait: 8d }', 'out-of-range', 'write 0s to 7d'],
    ['{ mode: window, maxWait: 10 }', 'missing-unit', 'write it with a unit, for example 10s'],
    ['{ mode: debounce, quiet: 1s, maxWait: 0s }', 'out-of-range', 'write 1s to 7d'],
    ['{ mode: sliding, size: 2d, every: 1h }', 'out-of-range', 'write 2s to 1d'],
    ['{ mode: window, maxWait: 10s, maxEvents: 0 }', 'out-of-range', 'write 1 to 10000'],
  ])('refuses times and caps that the runtime cannot keep: %s', (coalesce, code, fix) => {
    expect(problemsOfRoute({ coalesce })).toMatchObject([{ code, fix }]);
  });

  it('bypassWhen is a condition over the event', () => {
    expect(codesOf('{ mode: window, maxWait: 10s, bypassWhen: event.tpye == "a" }')).toEqual([
      'invalid-expression',
    ]);
    expect(codesOf('{ mode: debounce, quiet: 1s, maxWait: 10s, bypassWhen: event.id }')).toEqual([
      'invalid-expression',
    ]);
  });
});

const seconds = (max: number) => fc.integer({ min: 1, max });

describe('times', () => {
  it('mode debounce is valid exactly when maxWait is not shorter than quiet', () => {
    fc.assert(
      fc.property(seconds(86_400), seconds(604_800), (quiet, maxWait) => {
        const coalesce = `{ mode: debounce, quiet: ${durationText(quiet)}, maxWait: ${durationText(maxWait)} }`;
        expect(codesOf(coalesce)).toEqual(maxWait < quiet ? ['wait-shorter-than-quiet'] : []);
      }),
    );
  });

  it('mode sliding is valid exactly when size is 2 to 100 times every', () => {
    const near = fc.tuple(seconds(800), fc.integer({ min: 1, max: 105 }), fc.integer({ min: -1, max: 1 }));
    fc.assert(
      fc.property(near, ([every, panes, off]) => {
        const size = every * panes + off;
        fc.pre(size >= 2 && size <= 86_400);
        const coalesce = `{ mode: sliding, size: ${durationText(size)}, every: ${durationText(every)} }`;
        const isSound = size % every === 0 && size / every >= 2 && size / every <= 100;
        expect(codesOf(coalesce).length === 0).toBe(isSound);
      }),
      { numRuns: 300 },
    );
  });

  it('all problems of a sliding mode are reported at once', () => {
    expect(codesOf('{ mode: sliding, size: 1h, every: 7s }')).toEqual([
      'every-must-divide-size',
      'too-many-windows',
    ]);
    expect(codesOf('{ mode: sliding, size: 10s, every: 1m }')).toEqual(['windows-do-not-overlap']);
  });

  it('times are compared although another field of the mode is broken', () => {
    const coalesce = '{ mode: debounce, key: event.tpye, quiet: 1m, maxWait: 10s, maxEvents: many }';
    expect(codesOf(coalesce)).toEqual(['invalid-expression', 'wait-shorter-than-quiet', 'wrong-type']);
  });
});
