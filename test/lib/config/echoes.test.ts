import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: none }\n';
const JOBS = 'jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" }';
const ROUTES = 'routes: { work: { from: [jobs], run: { deployment: work/prod } } }\n';

function problemsOf(text: string): readonly string[] {
  return allProblems(loadConfigText(text, 'sluice.yaml')).map(({ code, path }) => `${code} ${path}`.trim());
}

describe('one mistake', () => {
  it.each([
    ['a misspelt sources', `${PREFECT}source: { ${JOBS} }\n${ROUTES}`, ['unknown-field source']],
    [
      'a misspelt mandatory field',
      `${PREFECT}sources: { ${JOBS} }\n${ROUTES.replace('deployment', 'deploymnet')}`,
      ['unknown-field routes.work.run.deploymnet'],
    ],
    ['sources that are a text', `${PREFECT}sources: jobs\n${ROUTES}`, ['wrong-type sources']],
    ['a tab as indentation', `prefect:\n\tapiUrl: a\n\tauth: none\nsources: {}\n`, ['yaml-syntax']],
    ['a quotation mark that is not closed', `${PREFECT}sources: { a: "b\n${ROUTES}`, ['yaml-syntax']],
    [
      'a source without a valid name',
      `${PREFECT}sources: { JOBS: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" } }\n${ROUTES.replace('[jobs]', '[JOBS]')}`,
      ['invalid-name sources.JOBS'],
    ],
    [
      'an unknown type of a source',
      `${PREFECT}sources: { jobs: { type: sqss, queueArn: a, queue: { batchSize: x } } }\n${ROUTES}`,
      ['unknown-value sources.jobs.type'],
    ],
  ])('one mistake is reported once: %s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it('one mistake does not hide problems elsewhere', () => {
    expect(
      problemsOf(`${PREFECT}sources: { ${JOBS.replace('}', ', queue: { batchSize: 50, batchWindow: 0s } }')} }
routes: { work: { from: [jobs], wehn: "true", coalesce: { mode: debounce, quiet: 1m, maxWait: 10s } } }
`),
    ).toEqual([
      'batch-needs-window sources.jobs.queue.batchWindow',
      'missing-field routes.work.run',
      'unknown-field routes.work.wehn',
      'wait-shorter-than-quiet routes.work.coalesce.maxWait',
    ]);
  });
});

describe('the fix of a value of the wrong type', () => {
  it.each([
    ['from: uploads', 'write a list: from: [uploads]'],
    ['from: [jobs], coalesce: window', 'for example coalesce: { mode: window, maxWait: 1m }'],
    ['from: [jobs], coalesce: soon', 'for example coalesce: { mode: invocation }'],
    ['from: [jobs], when: true', 'in quotation marks: "true"; a `when` for all events can be left out'],
    ['from: [jobs], dedupe: event.data.id', 'for example dedupe: { key: event.data.orderId }'],
  ])('the fix of %s shows how the field is written', (fields, fix) => {
    const text = `${PREFECT}sources: { ${JOBS} }\nroutes: { work: { ${fields}, run: { deployment: work/prod } } }\n`;
    const [problem] = allProblems(loadConfigText(text, 'sluice.yaml'));
    expect(problem).toMatchObject({ code: 'wrong-type' });
    expect(problem?.fix).toContain(fix);
  });

  it('the fix of a merge key names anchors and aliases', () => {
    const text = `${PREFECT}sources: { a: &a { type: http, path: /a, verify: iam }, b: { <<: *a, type: http, path: /b } }
routes: { work: { from: [a, b], run: { deployment: work/prod } } }
`;
    const merge = allProblems(loadConfigText(text, 'sluice.yaml')).find(
      ({ path }) => path === 'sources.b.<<',
    );
    expect(merge?.fix).toContain('an anchor (&name) and its alias (*name)');
  });
});
