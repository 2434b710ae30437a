import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventOutcome, Outcome } from '../../../lib/outcome.ts';
import {
  planRedeliveries,
  type ReceivedMessage,
  type RedeliveryContext,
} from '../../../lib/redelivery/plan-redeliveries.ts';
import { sqsRecord } from '../../support/builders/pipeline-parts.ts';

const CONTEXT: RedeliveryContext = {
  limits: { maxReceiveCount: 1_000, visibilityTimeoutMs: 381_000, retentionMs: 1_209_600_000 },
  nowEpochMs: 1_790_000_000_000,
  jitter: 0.5,
};

function message(messageId: string, overrides: Partial<ReceivedMessage> = {}): ReceivedMessage {
  return {
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    receiveCount: 1,
    sentAtEpochMs: CONTEXT.nowEpochMs,
    messageGroup: null,
    ...overrides,
  };
}

function outcomeOf(messageId: string, outcome: Outcome): EventOutcome {
  return { record: sqsRecord(messageId, '{}'), event: null, outcome };
}

function retry(messageId: string, facts: Partial<Extract<Outcome, { kind: 'retry' }>> = {}): EventOutcome {
  return outcomeOf(messageId, { kind: 'retry', code: 'prefect-unavailable', detail: 'down', ...facts });
}

const CREATED: Outcome = { kind: 'created', route: 'r', batchId: 'b', flowRunId: 'f' };

function secondsOf(messages: readonly ReceivedMessage[], outcomes: readonly EventOutcome[]) {
  const delays = planRedeliveries(messages, outcomes, CONTEXT);
  return Object.fromEntries(delays.map(({ messageId, delaySeconds }) => [messageId, delaySeconds]));
}

describe('planRedeliveries', () => {
  it('delays only messages that have to be redelivered', () => {
    const outcomes = [outcomeOf('done', CREATED), retry('failed')];
    expect(planRedeliveries([message('done'), message('failed')], outcomes, CONTEXT)).toEqual([
      { messageId: 'failed', receiptHandle: 'receipt of failed', delaySeconds: 2 },
    ]);
  });

  it('redelivers an event whose claim is held when the lease ends, not before and not later', () => {
    const held = retry('m', { code: 'in-flight', retryAfterMs: 40_000 });
    expect(secondsOf([message('m', { receiveCount: 1 })], [held])).toEqual({ m: 41 });
    expect(secondsOf([message('m', { receiveCount: 60 })], [held])).toEqual({ m: 41 });
  });

  it('redelivers no earlier than Prefect asks', () => {
    const outcome = retry('m', { retryAfterMs: 120_000 });
    expect(secondsOf([message('m')], [outcome])).toEqual({ m: 120 });
    expect(secondsOf([message('m', { receiveCount: 30 })], [outcome])).toEqual({ m: 225 });
  });

  it('redelivers a message with several events when the first of them could succeed', () => {
    const outcomes = [retry('m', { code: 'in-flight', retryAfterMs: 60_000 }), retry('m')];
    expect(secondsOf([message('m')], outcomes)).toEqual({ m: 2 });
  });

  it('brings messages of one invocation back together, so that they can share a batch again', () => {
    const messages = ['a', 'b', 'c'].map((id) => message(id));
    const seconds = secondsOf(
      messages,
      messages.map(({ messageId }) => retry(messageId)),
    );
    expect(new Set(Object.values(seconds)).size).toBe(1);
  });

  it('never lets a later message of a group overtake an earlier one', () => {
    const anyMessage = fc.record({
      group: fc.constantFrom('x', 'y'),
      receiveCount: fc.integer({ min: 1, max: 999 }),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
      fails: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 10 }), (drawn) => {
        const messages = drawn.map(({ group, receiveCount }, index) =>
          message(String(index), { messageGroup: group, receiveCount }),
        );
        const outcomes = drawn.map(({ fails, retryAfterMs }, index) =>
          fails
            ? retry(String(index), retryAfterMs === undefined ? {} : { retryAfterMs })
            : outcomeOf(String(index), CREATED),
        );
        const delays = planRedeliveries(messages, outcomes, CONTEXT);
        const byGroup = Map.groupBy(delays, ({ messageId }) => drawn[Number(messageId)]?.group);
        for (const ofGroup of byGroup.values()) {
          expect(new Set(ofGroup.map(({ delaySeconds }) => delaySeconds)).size).toBe(1);
        }
        expect(delays).toHaveLength(drawn.filter(({ fails }) => fails).length);
      }),
    );
  });
});
