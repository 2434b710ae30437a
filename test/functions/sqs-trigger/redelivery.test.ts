import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createSqsTriggerHandler } from '../../../functions/sqs-trigger/sqs-trigger.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeLambdaContext } from '../../support/builders/make-lambda-context.ts';
import { PipelineParts } from '../../support/builders/pipeline-parts.ts';
import { makeSqsSource } from '../../support/builders/compiled-config.ts';
import { RecordingRedeliveryQueue, redeliveryTo } from '../../support/fakes/recording-redelivery-queue.ts';

function makeTrigger() {
  const parts = new PipelineParts();
  const queue = new RecordingRedeliveryQueue();
  const logger = new Logger({ logLevel: 'SILENT' });
  const redelivery = redeliveryTo(queue, parts.ports.clock);
  const { config, ports, installation } = parts;
  const source = config.sources['jobs'] ?? makeSqsSource();
  const handler = createSqsTriggerHandler({
    pipeline: { installation, config, source, routes: routesFrom(config, 'jobs'), ports },
    logger,
    metrics: new Metrics({ namespace: 'Test', serviceName: 'test' }),
    redelivery,
  });
  const deliver = (receiveCount: number) =>
    handler(
      {
        Records: [
          {
            messageId: 'm',
            receiptHandle: 'receipt',
            body: '{"n":1}',
            attributes: {
              ApproximateReceiveCount: String(receiveCount),
              SentTimestamp: String(parts.nowEpochMs),
              SenderId: '',
              ApproximateFirstReceiveTimestamp: '0',
            },
            messageAttributes: {},
            md5OfBody: '',
            eventSource: 'aws:sqs',
            eventSourceARN: makeSqsSource().queueArn,
            awsRegion: 'eu-west-1',
          },
        ],
      } satisfies SQSEvent,
      makeLambdaContext(),
    );
  return { parts, queue, deliver };
}

describe('An event that meets a passing error', () => {
  it('comes back within seconds', async () => {
    const { parts, queue, deliver } = makeTrigger();
    parts.prefect.outage = { status: 502, retryAfterMs: null };
    expect(await deliver(1)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(queue.delays).toEqual([{ messageId: 'm', receiptHandle: 'receipt', delaySeconds: 2 }]);
  });

  it('comes back when the visibility time-out is over where its delay cannot be set', async () => {
    const { parts, queue, deliver } = makeTrigger();
    queue.isBroken = true;
    parts.prefect.outage = { status: 502, retryAfterMs: null };
    expect(await deliver(1)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(queue.delays).toEqual([]);
  });

  it('comes back no earlier than Prefect asks', async () => {
    const { parts, queue, deliver } = makeTrigger();
    parts.prefect.outage = { status: 429, retryAfterMs: 90_000 };
    await deliver(1);
    expect(queue.delays).toMatchObject([{ delaySeconds: 90 }]);
  });

  it('asks the queue for nothing when it succeeds', async () => {
    const { queue, deliver } = makeTrigger();
    queue.isBroken = true;
    expect(await deliver(1)).toEqual({ batchItemFailures: [] });
  });
});
