import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';

const SQS = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';
const hook = (scheme: string, more = '') =>
  `type: http, path: /hook, verify: { scheme: ${scheme}, secret: a }${more}`;

function warnings(source: string, when: string, other = '', from = 'hook'): readonly string[] {
  const result = loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { hook: { ${source} }${other} }
routes: { work: { from: [${from}], when: '${when}', run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return allProblems(result)
    .filter(({ code }) => code === 'impossible-event-type')
    .map(({ fix }) => fix);
}

describe('a condition on a type that no event of the source has', () => {
  it.each([
    ['github', 'event.type == "push"', ['write "github.push"']],
    ['github', '"push" == event.type', ['write "github.push"']],
    ['github', 'event.type != "push"', ['write "github.push"']],
    ['github', 'event.type in ["push", "github.ping"]', ['write "github.push"']],
    ['github', 'event.type.startsWith("push")', ['write "github." and what follows']],
    ['github', 'event.type == "github."', ['write "github.github."']],
    ['gitlab-token', 'event.type == "Push Hook"', ['write "gitlab.push"']],
    ['atlassian', 'event.type == "jira:issue_created"', ['write "jira.issue_created"']],
    ['atlassian', 'event.type == "repo:push"', ['write "bitbucket.repo:push"']],
    ['stripe', 'event.type == "charge.failed"', ['write "stripe.charge.failed"']],
    [
      'dropbox',
      'event.type == "changed"',
      ['their type is "sluice.http.received": compare what tells them apart, such as a field of event.data'],
    ],
  ])('is warned about: %s, %s', (scheme, when, fixes) => {
    expect(warnings(hook(scheme), when)).toEqual(fixes);
  });

  it.each([
    ['github', 'event.type == "github.push"'],
    ['github', 'event.type == "sluice.http.received"'],
    ['github', 'event.type.startsWith("git")'],
    ['github', 'event.type.startsWith("github.pull")'],
    ['github', 'event.data.type == "push"'],
    ['github', 'event.type == event.data.kind'],
    ['standard-webhooks', 'event.type == "user.created"'],
    ['bearer', 'event.type == "order.paid"'],
  ])('is not warned about where it may have it: %s, %s', (scheme, when) => {
    expect(warnings(hook(scheme), when)).toEqual([]);
  });

  it('is warned about for plain formats without envelopes, whose type is that of the source', () => {
    const fix = 'their type is "job": compare what tells them apart, such as a field of event.data';
    expect(warnings(`${SQS}, format: json, eventType: job`, 'event.type == "other"')).toEqual([fix]);
    expect(warnings(`${SQS}, format: json, eventType: job`, 'event.type == "job"')).toEqual([]);
    expect(warnings(`${SQS}, format: json, unwrap: [s3]`, 'event.type == "other"')).toEqual([]);
    expect(warnings(SQS, 'event.type == "other"')).toEqual([]);
  });

  it('is not warned about where another source of the route has it', () => {
    const other = `, jobs: { ${SQS} }`;
    expect(warnings(hook('github'), 'event.type == "push"', other, 'hook, jobs')).toEqual([]);
    const gitlab = `, lab: { ${hook('gitlab-token').replace('/hook', '/lab')} }`;
    expect(warnings(hook('github'), 'event.type == "gitlab.push"', gitlab, 'hook, lab')).toEqual([]);
  });

  it('names the type where the header that states it is read instead', () => {
    const result = loadConfigText(
      `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { hook: { ${hook('github')} } }
routes: { work: { from: [hook], when: 'event.headers["x-github-event"] == "push"', run: { deployment: work/prod } } }
`,
      'sluice.yaml',
    );
    expect(allProblems(result).map(({ fix }) => fix)).toEqual([
      'compare event.type, which is "github.<x-github-event>", or add it to the source: headers: [x-github-event]',
    ]);
  });
});
