import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { withRedrive } from '../../functions/with-redrive.ts';
import { toDeadLetters } from '../../lib/dead-letters/dead-letter.ts';
import { readRedriveAnswer, requestJson } from '../../lib/redrive/invocation-protocol.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { makeSqsSource } from '../support/builders/compiled-config.ts';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { makeLetter } from '../support/builders/make-dead-letter.ts';
import { PipelineParts } from '../support/builders/pipeline-parts.ts';

function makeHandler(parts: PipelineParts) {
  const { config, ports } = parts;
  const source = config.sources['jobs'] ?? makeSqsSource();
  const trigger = (event: unknown, context: Context) =>
    Promise.resolve({ delivered: event, by: context.awsRequestId });
  return withRedrive(trigger, {
    pipeline: { config, source, routes: routesFrom(config, 'jobs'), ports },
    logger: new Logger({ logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'Test' }),
  });
}

describe('a trigger that may be redriven', () => {
  it.each([[{ Records: [] }], [{ sluiceRedrive: 1 }], [{ sluiceRedrive: 2, letters: [] }], [null], ['text']])(
    'is handed %j as its source delivered it',
    async (event) => {
      const handler = makeHandler(new PipelineParts());
      expect(await handler(event, makeLambdaContext())).toEqual({ delivered: event, by: 'invocation-1' });
    },
  );

  it('answers for every letter of a redrive, and makes its flow run', async () => {
    const parts = new PipelineParts();
    const letters = [...toDeadLetters(makeLetter()), '{"sluiceDeadLetter":1,"source":"jobs"}'];
    const request: unknown = JSON.parse(requestJson('run', letters));
    const answer = readRedriveAnswer(await makeHandler(parts)(request, makeLambdaContext()), 2);
    expect(answer?.fates).toMatchObject([
      { kind: 'created', route: 'process-orders' },
      { kind: 'unreadable', flowRunIds: [] },
    ]);
    expect(parts.orders).toEqual([[{ id: 'a' }]]);
  });

  it('changes nothing for a request that does not say that it is to run', async () => {
    const parts = new PipelineParts();
    const request = {
      sluiceRedrive: 1,
      letters: toDeadLetters(makeLetter()).map((each): unknown => JSON.parse(each)),
    };
    expect(await makeHandler(parts)(request, makeLambdaContext())).toMatchObject({
      fates: [{ kind: 'planned' }],
      plannedRuns: { 'process-orders': 1 },
    });
    expect(parts.prefect.createsSent).toEqual([]);
  });
});
