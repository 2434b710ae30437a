/** `run` beside its deployment and parameters: what is refused, and what it is compiled to. */
import { describe, expect, it } from 'vitest';
import { compiledRoute, problemsOfRoute } from '../../support/builders/route-configuration.ts';

const codesOf = (run: string, coalesce = '{ mode: none }'): readonly string[] =>
  problemsOfRoute({ run: `, ${run}`, coalesce }).map(({ code }) => code);

describe('run', () => {
  it('without options is compiled to a run without options', () => {
    expect(compiledRoute({ run: ', tags: [a]' }).run).not.toHaveProperty('options');
  });

  it('is compiled with all of its options', () => {
    const run = `, name: event.id, tags: [a, { value: event.type }], workQueue: { value: event.data.q, allow: [high] },
      after: { value: event.data.at }, jobVariables: { cpu: event.data.cpu, image: { value: event.data.i, allow: [a, 2] } }`;
    expect(compiledRoute({ run }).run).toMatchObject({
      tags: ['a'],
      options: {
        name: 'event.id',
        tagExpressions: ['event.type'],
        workQueue: { kind: 'chosen', expression: 'event.data.q', allow: ['high'] },
        after: { kind: 'chosen', expression: 'event.data.at', atMostSeconds: 30 * 86_400 },
        jobVariables: {
          cpu: { expression: 'event.data.cpu', allow: null },
          image: { expression: 'event.data.i', allow: ['a', 2] },
        },
      },
    });
    expect(compiledRoute({ run: ', workQueue: high, after: 10m' }).run.options).toMatchObject({
      workQueue: { kind: 'fixed', queue: 'high' },
      after: { kind: 'delay', delaySeconds: 600 },
    });
  });

  it.each([
    ['workQueue: { value: event.data.q }', 'missing-field'],
    ['workQueue: { value: event.data.q, allow: [] }', 'empty'],
    ['workQueue: a/b', 'invalid-work-queue'],
    ['after: 10', 'missing-unit'],
    ['after: 2y', 'invalid-duration'],
    ['after: { value: event.data.at, atMost: 3650d }', 'out-of-range'],
    ['name: process orders', 'invalid-expression'],
    ['name: [a]', 'wrong-type'],
    ['tags: [{ vaule: event.id }]', 'unknown-field'],
    ['tags: [sluice.x]', 'reserved-tag'],
    ['jobVariables: { "a-b": event.id }', 'invalid-parameter-name'],
    ['jobVariables: { image: event.data.image }', 'allow-list-missing'],
    ['jobVariables: { command: "events[0].data.c" }', 'allow-list-missing'],
    ['jobVariables: { command: { value: event.data.c } }', 'allow-list-missing'],
  ])('with %s is refused: %s', (run, code) => {
    expect(codesOf(run)).toContain(code);
  });

  it.each([
    'jobVariables: { image: "\'registry/image:1\'" }',
    'jobVariables: { image: { value: event.data.i, allow: [a] } }',
  ])('takes %s, whose values are known', (run) => {
    expect(codesOf(run)).toEqual([]);
  });

  const WINDOW = '{ mode: window, maxWait: 1m }';

  it.each([
    ['name: event.id', '{ mode: none }', []],
    ['name: event.id', '{ mode: invocation }', ['event-not-in-mode']],
    ['parameters: { a: event.data }', WINDOW, ['event-not-in-mode']],
    ['parameters: { a: "events.map(event, event.data)" }', WINDOW, []],
    ['parameters: { a: { value: window.key, as: string } }', WINDOW, []],
    ['name: string(window.start)', '{ mode: debounce, quiet: 1s, maxWait: 1m }', []],
    ['tags: [{ value: window.reason }]', '{ mode: sliding, size: 2m, every: 1m }', []],
    ['after: { value: window.end }', '{ mode: invocation }', ['window-not-in-mode']],
    ['name: window.key', '{ mode: none }', ['window-not-in-mode']],
    ['name: window.key', '{ mode: window, maxWait: 0 }', ['window-not-in-mode']],
    ['name: event.id + window.key', '{ mode: invocation }', ['event-not-in-mode', 'window-not-in-mode']],
  ])('%s beside %s has the problems %j', (run, coalesce, codes) => {
    expect(codesOf(run, coalesce)).toEqual(codes);
  });
});
