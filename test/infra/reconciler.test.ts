import { Schedule } from 'aws-cdk-lib/aws-events';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import { parseReconcileRequest } from '../../lib/reconcile/invocation-protocol.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

const withoutWindows = makeCompiledConfig([makeSqsSource()]);
const coalesce = {
  mode: 'debounce',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  quietSeconds: 10,
  maxWaitSeconds: 60,
  bypassWhen: null,
} as const;
const withWindows = makeCompiledConfig([makeSqsSource()], {
  routes: [makeRoute({ from: ['jobs'], coalesce })],
});

/** Of the function, by logical id. */
const IS_RECONCILER = /^Reconciler/;

function schedulesOf(template: Template) {
  return propertiesOf(template, 'AWS::Events::Rule').map(({ ScheduleExpression, Targets }) => {
    const [target] = Targets as readonly { readonly Input: string }[];
    return { schedule: ScheduleExpression, request: parseReconcileRequest(JSON.parse(target?.Input ?? '')) };
  });
}

describe('the reconciliation', () => {
  it('sweeps windows every hour where no route has any, since an earlier deployment may have left some', () => {
    const { wholeTemplate } = synthesizeStack({ config: withoutWindows });
    const request = { scope: 'windows', dryRun: false, startKey: null, maxPages: null };
    expect(schedulesOf(wholeTemplate)).toEqual([{ schedule: 'rate(1 hour)', request }]);
  });

  it('sweeps windows every five minutes where a route has some', () => {
    const { wholeTemplate } = synthesizeStack({ config: withWindows });
    expect(schedulesOf(wholeTemplate)).toMatchObject([
      { schedule: 'rate(5 minutes)', request: { scope: 'windows' } },
    ]);
  });

  it('reconciles everything on a schedule when the construct asks for it', () => {
    const reconcileEverything = Schedule.cron({ hour: '3', minute: '0' });
    const { wholeTemplate } = synthesizeStack({ config: withoutWindows, reconcileEverything });
    const requests = schedulesOf(wholeTemplate).map(({ schedule, request }) => [
      schedule,
      request?.scope,
      request?.dryRun,
    ]);
    expect(requests).toContainEqual(['cron(0 3 * * ? *)', 'everything', false]);
    expect(requests).toHaveLength(2);
  });

  it('lets only its own rules invoke the reconciler', () => {
    const { wholeTemplate } = synthesizeStack({ config: withoutWindows });
    const permissions = propertiesOf(wholeTemplate, 'AWS::Lambda::Permission').filter(
      ({ Principal }) => Principal === 'events.amazonaws.com',
    );
    expect(permissions).toEqual([
      expect.objectContaining({
        Action: 'lambda:InvokeFunction',
        SourceArn: { 'Fn::GetAtt': [expect.stringMatching(IS_RECONCILER), 'Arn'] },
      }),
    ]);
  });

  it('gives the reconciler the variables that its parser requires', () => {
    for (const config of [withWindows, withoutWindows]) {
      const { wholeTemplate } = synthesizeStack({ config });
      const [fn] = propertiesOf(wholeTemplate, 'AWS::Lambda::Function').filter(({ Description }) =>
        String(Description).includes('compares'),
      );
      const { Variables } = fn?.['Environment'] as { readonly Variables: Readonly<Record<string, unknown>> };
      const values = Object.fromEntries(
        Object.keys(Variables).map((name) => [name, 'https://sqs.example/queue']),
      );
      const { source, timerQueueUrl } = readTriggerEnvironment({
        ...values,
        SLUICE_SOURCE: String(Variables['SLUICE_SOURCE']),
      });
      expect([source, timerQueueUrl === null]).toEqual(['sluice:reconcile', config === withoutWindows]);
    }
  });

  it('lets only the reconciler scan the table and query its index, and lets it flush', () => {
    const { wholeTemplate, template } = synthesizeStack({ config: withWindows });
    const mine = allowStatements(wholeTemplate, IS_RECONCILER);
    expect([...new Set(mine.flatMap(({ actions }) => actions))].sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'sqs:SendMessage',
    ]);
    const others = allowStatements(template).flatMap(({ actions }) => actions);
    expect(others.filter((action) => ['dynamodb:Scan', 'dynamodb:Query'].includes(action))).toEqual([]);
  });

  it('has an alarm that fires when windows stay overdue in three sweeps, by the metric that the function writes', () => {
    for (const [config, period] of [
      [withWindows, 300],
      [withoutWindows, 3600],
    ] as const) {
      synthesizeStack({ config }).wholeTemplate.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'Sluice',
        MetricName: 'WindowsOverdue',
        Dimensions: Match.arrayWith([
          { Name: 'service', Value: 'reconcile' },
          { Name: 'source', Value: 'sluice:reconcile' },
          { Name: 'stack', Value: 'Sluice' },
        ]),
        Period: period,
        EvaluationPeriods: 4,
        DatapointsToAlarm: 3,
        Statistic: 'Maximum',
        Threshold: 1,
      });
    }
  });
});
