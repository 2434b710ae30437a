import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { withRedrive } from '../../functions/with-redrive.ts';
import { toDeadLetterMessages } from '../../lib/dead-letters/dead-letter.ts';
import { parseRedriveResponse, toRedriveRequestJson } from '../../lib/redrive/invocation-protocol.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { makeSqsSource } from '../support/builders/compiled-config.ts';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { makeDeadLetter } from '../support/builders/make-dead-letter.ts';
import { PipelineParts } from '../support/builders/pipeline-parts.ts';

function makeHandler(parts: PipelineParts) {
  const { installation, config, ports } = parts;
  const source = config.sources['jobs'] ?? makeSqsSource();
  const trigger = (event: unknown, context: Context) =>
    Promise.resolve({ delivered: event, by: context.awsRequestId });
  return withRedrive(trigger, {
    pipeline: { installation, config, source, routes: routesFrom(config, 'jobs'), ports },
    logger: new Logger({ logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'Test' }),
  });
}

describe('a trigger that may be redriven', () => {
  it.each([
    [{ Records: [] }],
    [{ sluiceRedrive: 1 }],
    [{ sluiceRedrive: 2, deadLetters: [] }],
    [null],
    ['text'],
  ])('hands %j to the trigger as its source delivered it', async (event) => {
    const handler = makeHandler(new PipelineParts());
    expect(await handler(event, makeLambdaContext())).toEqual({ delivered: event, by: 'invocation-1' });
  });

  it('responds for every dead letter of a redrive, and creates its flow run', async () => {
    const parts = new PipelineParts();
    const deadLetters = [...toDeadLetterMessages(makeDeadLetter()), '{"sluiceDeadLetter":1,"source":"jobs"}'];
    const request: unknown = JSON.parse(toRedriveRequestJson('run', deadLetters));
    const answer = parseRedriveResponse(await makeHandler(parts)(request, makeLambdaContext()), 2);
    expect(answer?.results).toMatchObject([
      { kind: 'created', route: 'process-orders' },
      { kind: 'invalid', flowRunIds: [] },
    ]);
    expect(parts.orders).toEqual([[{ id: 'a' }]]);
  });

  it('treats a redrive request without mode run as a plan', async () => {
    const parts = new PipelineParts();
    const request = {
      sluiceRedrive: 1,
      deadLetters: toDeadLetterMessages(makeDeadLetter()).map((each): unknown => JSON.parse(each)),
    };
    expect(await makeHandler(parts)(request, makeLambdaContext())).toMatchObject({
      results: [{ kind: 'planned' }],
      plannedRuns: { 'process-orders': 1 },
    });
    expect(parts.prefect.createsSent).toEqual([]);
  });
});
