/** What the documentation says is not promised, as it happens: a change here is a change of the documentation. */
import { describe, expect, it } from 'vitest';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { deliverUnder, sharePrefect } from '../../support/builders/redeployment.ts';

const dedupe = { key: 'event.data.id', retentionSeconds: 86_400 };

describe('one queue that two stacks read (docs/deploy.md)', () => {
  it('has an event that SQS redelivers to the other stack in a run of each', async () => {
    const first = new PipelineParts(sqsConfig());
    const second = sharePrefect(new PipelineParts(sqsConfig()), first.prefect);
    second.installation = 'another-table';
    await first.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":2}')]);
    await second.run([sqsRecord('m1', '{"n":1}', 2)]);
    expect(first.orders).toEqual([[{ n: 1 }, { n: 2 }], [{ n: 1 }]]);
  });
});

describe('a route that is renamed while its events are redelivered (docs/deploy.md)', () => {
  it('creates a second run of an event that was processed under the old name', async () => {
    const parts = new PipelineParts(sqsConfig({ dedupe }));
    const renamed = makeCompiledConfig([makeSqsSource()], {
      routes: [makeRoute({ ...sqsConfig({ dedupe }).routes[0], name: 'renamed' })],
    });
    expect(await deliverUnder(parts, parts.config, ['a'])).toEqual(['created']);
    expect(await deliverUnder(parts, renamed, ['a'])).toEqual(['created']);
    expect(parts.orders).toHaveLength(2);
  });
});

describe('a workspace that is replaced while a batch has a run and no record of it (docs/guarantees.md)', () => {
  it('has a run of the batch as well as the workspace before', async () => {
    const parts = new PipelineParts(sqsConfig({ dedupe }));
    const before = parts.prefect;
    const write = parts.records.writeRecords.bind(parts.records);
    parts.records.writeRecords = () => Promise.reject(new Error('killed'));
    await deliverUnder(parts, parts.config, ['a']);
    parts.records.writeRecords = write;
    const { prefect: after } = sharePrefect(parts, new PipelineParts(parts.config).prefect);
    parts.letLeasesEnd();
    expect(await deliverUnder(parts, parts.config, ['a'])).toEqual(['created']);
    expect([before.flowRuns.length, after.flowRuns.length]).toEqual([1, 1]);
  });
});
