import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it } from 'vitest';
import { OutcomeReport } from '../../../functions/outcome-report.ts';
import { memberOf } from '../../../lib/routing/member.ts';
import { parseEventLine } from '../../../lib/trace/event-line.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

describe('the log line of an event', () => {
  it('leads from the id of the event to its claim, its route and its flow run', async () => {
    const parts = new PipelineParts(sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: 1_000 } }));
    const outcomes = await parts.run([sqsRecord('m1', '{"id":"A"}')]);
    let written = '';
    const report = new OutcomeReport({
      sourceName: 'jobs',
      outcomeLogs: { kind: 'all' },
      logger: new Logger({ logLevel: 'INFO' }),
      metrics: new Metrics({ namespace: 'test' }),
      write: (lines) => {
        written += lines;
      },
    });
    report.report(outcomes, 'request-1');
    const [route] = parts.config.routes;
    expect(parseEventLine(written.trim())).toMatchObject({
      source: 'jobs',
      outcome: 'created',
      eventId: 'm1',
      claimKey: memberOf(route?.name ?? '', ['key', 's:A']).claimKey,
      route: route?.name,
      flowRunId: parts.prefect.flowRuns[0]?.flowRunId,
    });
  });

  it.each(['', 'START RequestId: 1', '{', '[]', '{"message":"window"}', '{"message":"event"}'])(
    'is not %j',
    (text) => {
      expect(parseEventLine(text)).toBeNull();
    },
  );
});
