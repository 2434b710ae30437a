import { Match } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeCompiledConfig,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

const jobs = makeSqsSource();
const other = makeSqsSource({ name: 'other', queueArn: 'arn:aws:sqs:eu-west-1:123456789012:other' });
const config = makeCompiledConfig([jobs, other], {
  routes: [
    makeRoute({ name: 'windowed', from: ['jobs'], coalesce: SAMPLE_WINDOW }),
    makeRoute({ name: 'direct', from: ['other'] }),
  ],
});

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html, "Use Lambda recursive loop detection": a
// function that reads a queue and sends to it is stopped after about 16 hops, unless it says RecursiveLoop: Allow.
describe('recursive loop detection', () => {
  it('is off for the function that flushes windows, whose timers hop every 15 minutes, and on for all others', () => {
    const { wholeTemplate } = synthesizeStack({ config });
    const settings = propertiesOf(wholeTemplate, 'AWS::Lambda::Function').map(
      ({ Description, RecursiveLoop }) => [
        String(Description).includes('windows that are due'),
        RecursiveLoop,
      ],
    );
    expect(settings.filter(([isFlusher]) => isFlusher === true)).toEqual([[true, 'Allow']]);
    expect(settings.filter(([isFlusher]) => isFlusher === false).map(([, setting]) => setting)).toEqual(
      settings.slice(1).map(() => undefined),
    );
  });
});

describe('the timer queue', () => {
  it('drops a timer that could not be handled for a day, since the sweep flushes its window long before', () => {
    const { template } = synthesizeStack({ config });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 24 * 60 * 60,
      RedrivePolicy: Match.absent(),
    });
  });

  it('is written to by the flusher and by sources whose routes have windows, and by no other source', () => {
    const { template } = synthesizeStack({ config });
    const mayAppend = (logicalId: RegExp): boolean =>
      allowStatements(template, logicalId).some(({ actions }) => actions.includes('dynamodb:PutItem'));
    expect([/^Sourcesjobs/, /^Sourcesother/, /^WindowsFlush/].map(mayAppend)).toEqual([true, false, false]);
    const timerVariable = propertiesOf(template, 'AWS::Lambda::Function').map(({ Environment }) =>
      JSON.stringify(Environment).includes('SLUICE_TIMER_QUEUE_URL'),
    );
    expect(timerVariable.filter(Boolean)).toHaveLength(2);
  });

  it('belongs to a flusher that may update items and not put new ones, because no flush puts any', () => {
    const flushStore = join(
      import.meta.dirname,
      '../../lib/adapters/dynamodb/dynamodb-window-flush-store.ts',
    );
    expect(readFileSync(flushStore, 'utf8')).not.toMatch(/\bPut: |PutItemCommand/);
  });
});
