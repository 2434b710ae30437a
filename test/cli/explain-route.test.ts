import { describe, expect, it } from 'vitest';
import { explainRoute } from '../../cli/explanation/explain-route.ts';
import { makeRoute } from '../support/builders/compiled-config.ts';
import { compiledRoute } from '../support/builders/route-configuration.ts';

describe('the explanation of a route', () => {
  it('says what its runs are given, and that it is expected to match', () => {
    const route = compiledRoute({
      coalesce: '{ mode: window, at: "cron(0 2 * * ? *)", zone: Europe/Berlin }',
      run: `, name: string(window.start), tags: [a, { value: window.key }], after: 10m,
        workQueue: { value: window.key, allow: [high, low] }, jobVariables: { cpu: window.count }`,
    });
    const { sentences } = explainRoute({ ...route, expectWithinSeconds: 3_600 });
    expect(sentences).toEqual(
      expect.arrayContaining([
        'Events share a flow run, which is created at the times of cron(0 2 * * ? *) in Europe/Berlin.',
        'Its name is string(window.start).',
        'It is tagged with window.key, too.',
        'It waits in the work queue window.key, which is high or low: any other value is dead-lettered.',
        'It starts 10m after it was created.',
        'It sets the job variables cpu.',
        'An alarm fires when nothing has matched it for 1h.',
      ]),
    );
  });

  it('says nothing of what a route does not use', () => {
    const text = explainRoute(makeRoute()).sentences.join(' ');
    expect(text).not.toMatch(/Its name|work queue|It starts|job variable|alarm/);
  });

  it.each([
    [', workQueue: high', 'It waits in the work queue high.'],
    [', after: { value: event.data.at, atMost: 7d }', 'It starts at event.data.at, at most 7d later.'],
  ])('of a run with %s says: %s', (run, sentence) => {
    expect(explainRoute(compiledRoute({ run })).sentences).toContain(sentence);
  });
});
