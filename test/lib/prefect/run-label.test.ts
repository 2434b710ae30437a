import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchRecordOf, runLabels, type RunLabelInputs } from '../../../lib/prefect/run-label.ts';

const facts: RunLabelInputs = {
  batchId: 'P6hfZFcXRWKz_CyWP2avpg.abc',
  members: ['AAAAAAAAAAA', 'BBBBBBBBBB-'],
  route: 'process-orders',
  configHash: '0123456789abcdef',
  flushReason: 'invocation',
  deadCode: null,
  traceparent: null,
  window: null,
};
const memberId = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((id) => Buffer.from(id).toString('base64url'));

describe('run labels', () => {
  test('say which window the events were collected in', () => {
    const window = { key: 'eu', startEpochMs: 1_790_000_000_000, endEpochMs: 1_790_000_010_000 };
    expect(runLabels({ ...facts, flushReason: 'time', window })).toMatchObject({
      'sluice.reason': 'time',
      'sluice.window.key': 'eu',
      'sluice.window.start': '2026-09-21T14:13:20.000Z',
      'sluice.window.end': '2026-09-21T14:13:30.000Z',
    });
  });

  test('are what a person and the next create need, in scalars', () => {
    expect(runLabels({ ...facts, traceparent: '00-ab-cd-01' })).toEqual({
      'sluice.batch': 'P6hfZFcXRWKz_CyWP2avpg.abc',
      'sluice.members': 'AAAAAAAAAAABBBBBBBBBB-',
      'sluice.count': 2,
      'sluice.route': 'process-orders',
      'sluice.config': '0123456789abcdef',
      'sluice.reason': 'invocation',
      'sluice.traceparent': '00-ab-cd-01',
    });
  });

  test('never claim a name of Prefect’s own', () => {
    expect(Object.keys(runLabels(facts)).filter((name) => name.startsWith('prefect.'))).toEqual([]);
  });

  test('give back the batch, its members in order, and why it is dead', () => {
    fc.assert(
      fc.property(fc.array(memberId), fc.option(fc.string()), (members, deadCode) => {
        const labels: unknown = JSON.parse(JSON.stringify(runLabels({ ...facts, members, deadCode })));
        expect(batchRecordOf('run-1', labels, facts.batchId)).toEqual({
          kind: 'flow-run',
          batchId: facts.batchId,
          flowRunId: 'run-1',
          members,
          deadCode,
        });
      }),
    );
  });

  test('may stand among the labels of the deployment and of Prefect', () => {
    const labels = { 'prefect.flow.id': 'x', 'team': 'shop', ...runLabels(facts) };
    expect(batchRecordOf('run-1', labels, facts.batchId).members).toEqual(facts.members);
  });

  test.each([
    ['no labels', undefined, 'sluice.batch is not this batch'],
    ['null', null, 'sluice.batch is not this batch'],
    [
      'the labels of another batch',
      { ...runLabels(facts), 'sluice.batch': 'other' },
      'sluice.batch is not this batch',
    ],
    [
      'no members',
      { 'sluice.batch': facts.batchId, 'sluice.count': 2 },
      'sluice.members is not a list of member ids',
    ],
    ['members cut short', { ...runLabels(facts), 'sluice.members': 'AAAAA' }, 'sluice.members is not a list'],
    [
      'members of other characters',
      { ...runLabels(facts), 'sluice.members': 'AAAAAAAAAA=' },
      'is not a list',
    ],
    [
      'a member too few',
      { ...runLabels(facts), 'sluice.members': 'AAAAAAAAAAA' },
      'sluice.count is not the number',
    ],
    ['a count that is text', { ...runLabels(facts), 'sluice.count': '2' }, 'sluice.count is not the number'],
    ['a dead code that is none', { ...runLabels(facts), 'sluice.dead': 1 }, 'sluice.dead is not a code'],
  ])('that cannot be read are broken machinery, not an empty batch: %s', (_title, labels, problem) => {
    expect(() => batchRecordOf('run-1', labels, facts.batchId)).toThrow(
      expect.objectContaining({
        name: 'UnreadableRunError',
        flowRunId: 'run-1',
        batchId: facts.batchId,
        message: expect.stringContaining(problem) as string,
      }),
    );
  });
});
