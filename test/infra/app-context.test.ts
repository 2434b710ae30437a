import { App, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import { readAppContext } from '../../infra/app-context.ts';

const read = (context: Record<string, unknown>): ReturnType<typeof readAppContext> =>
  readAppContext(new App({ context }).node);

describe('the context of the app', () => {
  it('keeps everything and watches everything, when nothing is said', () => {
    expect(read({})).toEqual({
      ok: true,
      context: {
        config: 'sluice.yaml',
        stackName: 'Sluice',
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        logRetentionDays: RetentionDays.ONE_MONTH,
        alarms: true,
        dashboard: true,
      },
    });
  });

  it('is the same from the command line, as text, and from cdk.json, as values', () => {
    const asText = { alarms: 'false', dashboard: 'true', logRetentionDays: '7', deletionProtection: 'false' };
    const asValues = { alarms: false, dashboard: true, logRetentionDays: 7, deletionProtection: false };
    const fromText = read({ ...asText, queueArns: 'jobs=arn:a,mail=arn:b' });
    expect(fromText).toMatchObject({ ok: true, context: { ...asValues, queueArns: { jobs: 'arn:a' } } });
    expect(fromText).toEqual(read({ ...asValues, queueArns: { jobs: 'arn:a', mail: 'arn:b' } }));
  });

  it('takes one of a topic and a mail address for alarms', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:123456789012:ops';
    expect(read({ alarmEmail: 'ops@example.com' })).toMatchObject({ ok: true });
    expect(read({ alarmEmail: 'ops@example.com', alarmTopicArn })).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^context alarmEmail: beside alarmTopicArn — name one of them/)],
    });
  });

  it('is refused with every mistake at once, and with what was found', () => {
    const answer = read({
      removalPolicy: 'keep',
      alarms: 'perhaps',
      logRetentionDays: '8',
      alarmTopicArn: 'ops',
      alarmEmail: 'ops',
      vpcId: 'main',
      stackName: '1',
      queueArns: 'jobs',
    });
    const problems = answer.ok ? [] : answer.problems;
    expect(problems).toHaveLength(8);
    for (const [name, found] of [
      ['removalPolicy', 'keep'],
      ['alarms', 'perhaps'],
      ['logRetentionDays', '8'],
      ['alarmTopicArn', 'ops'],
      ['alarmEmail', 'ops'],
      ['vpcId', 'main'],
      ['stackName', '1'],
      ['queueArns', 'jobs'],
    ] as const) {
      expect(problems.filter((line) => line.startsWith(`context ${name}: `))).toEqual([
        expect.stringContaining(`found ${JSON.stringify(found)}`),
      ]);
    }
  });
});
