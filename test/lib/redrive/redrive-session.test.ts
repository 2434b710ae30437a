import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  RedriveResultKind,
  RedriveResult,
  RedriveRequest,
} from '../../../lib/redrive/invocation-protocol.ts';
import { parseRedriveRequest } from '../../../lib/redrive/invocation-protocol.ts';
import type { HiddenMessage, RedriveFunction } from '../../../lib/redrive/redrive-ports.ts';
import { runRedrive, type RedriveSessionOptions } from '../../../lib/redrive/redrive-session.ts';
import { InMemoryRedriveQueue } from '../../support/fakes/in-memory-redrive-queue.ts';
import { makeDeadLetterMessages, makeHiddenMessage } from '../../support/builders/make-dead-letter.ts';
import { sqsRecord } from '../../support/builders/pipeline-parts.ts';

const EVERYTHING = { sources: [], routes: [], codes: [], sinceEpochMs: null, untilEpochMs: null };

function deadLetterOf(id: string, changes: Parameters<typeof makeDeadLetterMessages>[0] = {}): HiddenMessage {
  const [message] = makeDeadLetterMessages({ record: sqsRecord(id, '{}'), eventId: id, ...changes });
  if (message === undefined) throw new Error('there is no letter');
  return message;
}

/** A function that settles every letter in this way, and keeps what it was asked. */
class ScriptedFunction {
  readonly requests: RedriveRequest[] = [];
  readonly #kindOf: (eventId: string) => RedriveResultKind;

  constructor(kindOf: (eventId: string) => RedriveResultKind = () => 'created') {
    this.#kindOf = kindOf;
  }

  get eventIds(): readonly string[] {
    return this.requests.flatMap(({ deadLetters }) => deadLetters.map(eventIdOf));
  }

  invoke(requestJson: string) {
    const request = parseRedriveRequest(JSON.parse(requestJson));
    if (request === undefined) throw new Error('this is no request');
    this.requests.push(request);
    const results = request.deadLetters.map((deadLetter): RedriveResult => ({
      kind: this.#kindOf(eventIdOf(deadLetter)),
      route: 'process-orders',
      code: null,
      detail: null,
      flowRunIds: ['run-1'],
    }));
    return Promise.resolve({
      kind: 'answered',
      answer: { sluiceRedrive: 1, results, plannedRuns: {} },
    } as const);
  }
}

function eventIdOf(deadLetter: unknown): string {
  return (deadLetter as { eventId: string }).eventId;
}

function options(overrides: Partial<RedriveSessionOptions> = {}): RedriveSessionOptions {
  return {
    mode: 'run',
    filter: EVERYTHING,
    deadLettersPerMinute: 60,
    asSource: null,
    maxDeadLetters: null,
    functions: new Map([['jobs', new ScriptedFunction()]]),
    pause: () => Promise.resolve(),
    isInterrupted: () => false,
    ...overrides,
  };
}

const ids = (messages: readonly HiddenMessage[]): string[] =>
  messages.map(({ body }) => eventIdOf(JSON.parse(body))).sort();

describe('runRedrive', () => {
  it.each<[RedriveResultKind, boolean]>([
    ['created', true],
    ['held', true],
    ['duplicate', true],
    ['dead-lettered', true],
    ['retry', false],
    ['no-route', false],
    ['invalid', false],
    ['planned', false],
  ])('deletes a dead letter whose redrive is %s: %s', async (kind, isDeleted) => {
    const queue = new InMemoryRedriveQueue([deadLetterOf('a')]);
    const functions = new Map([['jobs', new ScriptedFunction(() => kind)]]);
    const { results } = await runRedrive([queue], options({ functions }));
    expect(results).toMatchObject([{ kind, count: 1 }]);
    expect(queue.visible).toHaveLength(isDeleted ? 0 : 1);
    expect(queue.hiddenCount).toBe(0);
  });

  it('deletes nothing in a planned redrive, and releases all messages', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c'].map((id) => deadLetterOf(id)));
    const jobs = new ScriptedFunction(() => 'planned');
    const { deadLetters } = await runRedrive(
      [queue],
      options({ mode: 'plan', functions: new Map([['jobs', jobs]]) }),
    );
    expect(deadLetters).toEqual([
      { source: 'jobs', route: 'process-orders', code: 'refused-by-prefect', count: 3 },
    ]);
    expect(jobs.requests.map(({ mode }) => mode)).toEqual(['plan']);
    expect(ids(queue.visible)).toEqual(['a', 'b', 'c']);
  });

  it('sends only the dead letters that the filter selects, and leaves the others as they are', async () => {
    const refused = { kind: 'dead-lettered', code: 'invalid-json', detail: '' } as const;
    const queue = new InMemoryRedriveQueue([
      deadLetterOf('a'),
      deadLetterOf('b', { outcome: refused }),
      deadLetterOf('c', { deadLetteredAtEpochMs: 1_700_000_000_000 }),
      makeHiddenMessage('{"no":"deadLetter"}'),
    ]);
    const jobs = new ScriptedFunction();
    const filter = {
      ...EVERYTHING,
      routes: ['process-orders'],
      codes: ['refused-by-prefect'],
      sinceEpochMs: 1_750_000_000_000,
    };
    const { untouched } = await runRedrive(
      [queue],
      options({ filter, functions: new Map([['jobs', jobs]]) }),
    );
    expect(jobs.eventIds).toEqual(['a']);
    expect(untouched).toMatchObject({ filteredOut: 2, unrecognized: 1 });
    expect(queue.visible).toHaveLength(3);
  });

  it('sends each dead letter to the function of its own source, whichever queue it is in', async () => {
    const functions = new Map(['jobs', 'mail'].map((source) => [source, new ScriptedFunction()]));
    const queues = [
      new InMemoryRedriveQueue([deadLetterOf('a'), deadLetterOf('b', { source: 'mail' })]),
      new InMemoryRedriveQueue([deadLetterOf('c'), deadLetterOf('d', { source: 'gone' })]),
    ];
    const { untouched } = await runRedrive(queues, options({ functions }));
    expect(functions.get('jobs')?.eventIds).toEqual(['a', 'c']);
    expect(functions.get('mail')?.eventIds).toEqual(['b']);
    expect(untouched.withoutFunction).toEqual({ gone: 1 });
    expect(queues.map(({ visible }) => ids(visible))).toEqual([[], ['d']]);
  });

  it('sends the dead letters of a renamed source to the function of its new name, as dead letters of that', async () => {
    const renamed = new ScriptedFunction();
    const moved = makeHiddenMessage('{"id":"b"}', { meantForQueueArn: 'arn:aws:sqs:eu-west-1:1:old' });
    const queue = new InMemoryRedriveQueue([deadLetterOf('a', { source: 'old-name' }), moved], 'new-name');
    const parts = makeDeadLetterMessages(
      { record: sqsRecord('c', 'x'.repeat(5_000)), eventId: 'c', source: 'old-name' },
      2_000,
    );
    for (const part of parts) queue.send(part);
    const { untouched } = await runRedrive(
      [queue],
      options({ asSource: 'new-name', functions: new Map([['new-name', renamed]]) }),
    );
    const sent = renamed.requests.flatMap(({ deadLetters }) => deadLetters);
    expect(sent).toMatchObject([
      { source: 'new-name', eventId: 'a', record: { id: 'a' } },
      { source: 'new-name', code: 'max-receives-exceeded', origin: { kind: 'sqs' } },
      { source: 'new-name', eventId: 'c', origin: { kind: 'sqs' } },
    ]);
    expect(untouched.withoutFunction).toEqual({});
    expect(queue.visible).toEqual([]);
  });

  it('joins dead letters that span several messages, deletes all of these, and leaves incomplete parts', async () => {
    const record = sqsRecord('a', 'x'.repeat(5_000));
    const parts = makeDeadLetterMessages({ record, eventId: 'a' }, 2_000);
    const [lonely] = makeDeadLetterMessages({ record, eventId: 'b' }, 2_000);
    expect(parts.length).toBeGreaterThan(2);
    const jobs = new ScriptedFunction();
    const queue = new InMemoryRedriveQueue([...parts.toReversed(), ...(lonely ? [lonely] : [])]);
    const { untouched } = await runRedrive([queue], options({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.requests[0]?.deadLetters).toMatchObject([{ eventId: 'a', record: { body: record.body } }]);
    expect(untouched.incompleteParts).toBe(1);
    expect(queue.visible).toHaveLength(1);
  });

  it.each<[string, RedriveResultKind]>([
    ['at once', 'dead-lettered'],
    ['when a window is flushed', 'held'],
  ])('does not redrive the dead letters that it writes itself, %s', async (_, kind) => {
    const queue = new InMemoryRedriveQueue([deadLetterOf('a')]);
    const jobs = new ScriptedFunction(() => {
      queue.send(deadLetterOf('a', { deadLetteredAtEpochMs: 1_800_000_060_000 }));
      return kind;
    });
    await runRedrive([queue], options({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.eventIds).toEqual(['a']);
    expect(ids(queue.visible)).toEqual(['a']);
  });

  it('sends no dead letter twice when messages reappear meanwhile, and deletes them by their latest receipt', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c', 'd'].map((id) => deadLetterOf(id)));
    const jobs = new ScriptedFunction();
    const pause = (): Promise<void> => {
      queue.showAll();
      return Promise.resolve();
    };
    const { undeleted } = await runRedrive(
      [queue],
      options({ functions: new Map([['jobs', jobs]]), deadLettersPerMinute: 1, pause }),
    );
    expect(jobs.eventIds).toEqual(['a', 'b', 'c', 'd']);
    expect(undeleted).toBe(0);
    expect(queue.visible.length + queue.hiddenCount).toBe(0);
  });

  it('counts dead letters that SQS did not delete, and ends all the same', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b'].map((id) => deadLetterOf(id)));
    queue.delete = (messages) => {
      queue.showAll();
      return Promise.resolve(messages);
    };
    const jobs = new ScriptedFunction();
    const { undeleted } = await runRedrive([queue], options({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.eventIds).toEqual(['a', 'b']);
    expect(undeleted).toBe(2);
  });

  it('never sends more dead letters a minute than it may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 250 }),
        async (deadLettersPerMinute, count) => {
          const messages = Array.from({ length: count }, (_, index) => deadLetterOf(`e${index}`));
          let pausedMs = 0;
          const pause = (ms: number): Promise<void> => {
            pausedMs += ms;
            return Promise.resolve();
          };
          const jobs = new ScriptedFunction();
          const functions = new Map([['jobs', jobs]]);
          await runRedrive(
            [new InMemoryRedriveQueue(messages)],
            options({ functions, deadLettersPerMinute, pause }),
          );
          const last = jobs.requests.at(-1)?.deadLetters.length ?? 0;
          expect(jobs.eventIds).toHaveLength(count);
          expect(Math.max(...jobs.requests.map(({ deadLetters }) => deadLetters.length))).toBeLessThanOrEqual(
            Math.min(100, deadLettersPerMinute),
          );
          expect(pausedMs).toBeCloseTo(((count - last) * 60_000) / deadLettersPerMinute, 3);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('counts results with the same code and different details apart, with the events of each', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c'].map((id) => deadLetterOf(id)));
    const details: Readonly<Record<string, string>> = {
      a: 'no such field',
      b: 'not a number',
      c: 'no such field',
    };
    const invoke: RedriveFunction['invoke'] = (requestJson) => {
      const deadLetters = parseRedriveRequest(JSON.parse(requestJson))?.deadLetters ?? [];
      const results = deadLetters.map((deadLetter) => ({
        kind: 'dead-lettered',
        route: 'process-orders',
        code: 'expression-failed',
        detail: details[eventIdOf(deadLetter)],
        flowRunIds: [],
      }));
      return Promise.resolve({ kind: 'answered', answer: { sluiceRedrive: 1, results, plannedRuns: {} } });
    };
    const { results } = await runRedrive([queue], options({ functions: new Map([['jobs', { invoke }]]) }));
    expect(results).toMatchObject([
      { code: 'expression-failed', detail: 'no such field', count: 2, eventIds: ['a', 'c'] },
      { code: 'expression-failed', detail: 'not a number', count: 1, eventIds: ['b'] },
    ]);
  });

  it('counts results without their details when each event has a detail of its own', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `e${index}`);
    const queue = new InMemoryRedriveQueue(ids.map((id) => deadLetterOf(id)));
    const invoke: RedriveFunction['invoke'] = (requestJson) => {
      const deadLetters = parseRedriveRequest(JSON.parse(requestJson))?.deadLetters ?? [];
      const results = deadLetters.map((deadLetter) => ({
        kind: 'retry',
        code: 'in-flight',
        detail: eventIdOf(deadLetter),
      }));
      return Promise.resolve({ kind: 'answered', answer: { sluiceRedrive: 1, results, plannedRuns: {} } });
    };
    const { results } = await runRedrive([queue], options({ functions: new Map([['jobs', { invoke }]]) }));
    expect(results).toHaveLength(21);
    expect(results.at(-1)).toMatchObject({ detail: null, count: 10 });
  });

  it('stops a redrive at its limit, and releases the rest', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c', 'd', 'e'].map((id) => deadLetterOf(id)));
    const jobs = new ScriptedFunction();
    const { stopped } = await runRedrive(
      [queue],
      options({ functions: new Map([['jobs', jobs]]), maxDeadLetters: 3 }),
    );
    expect(stopped).toBe('limit');
    expect(jobs.eventIds).toEqual(['a', 'b', 'c']);
    expect(ids(queue.visible)).toEqual(['d', 'e']);
  });

  it('sends no more dead letters once it is interrupted', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c'].map((id) => deadLetterOf(id)));
    let isInterrupted = false;
    const jobs = new ScriptedFunction(() => {
      isInterrupted = true;
      return 'created';
    });
    const { stopped } = await runRedrive(
      [queue],
      options({
        functions: new Map([['jobs', jobs]]),
        deadLettersPerMinute: 1,
        isInterrupted: () => isInterrupted,
      }),
    );
    expect(stopped).toBe('interrupted');
    expect(jobs.eventIds).toEqual(['a']);
    expect(ids(queue.visible)).toEqual(['b', 'c']);
  });

  it('stops a redrive after three invocations without progress, and leaves all dead letters', async () => {
    const queue = new InMemoryRedriveQueue(['a', 'b', 'c', 'd', 'e'].map((id) => deadLetterOf(id)));
    const jobs = new ScriptedFunction(() => 'retry');
    const { stopped } = await runRedrive(
      [queue],
      options({ functions: new Map([['jobs', jobs]]), deadLettersPerMinute: 1 }),
    );
    expect(stopped).toBe('no-progress');
    expect(jobs.eventIds).toEqual(['a', 'b', 'c']);
    expect(ids(queue.visible)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each<[string, Awaited<ReturnType<ScriptedFunction['invoke']>> | { kind: 'failed'; detail: string }]>([
    ['fails', { kind: 'failed', detail: 'out of memory' }],
    [
      'answers as one does that knows no redrives',
      { kind: 'answered', answer: { batchItemFailures: [] } } as never,
    ],
    ['answers for fewer letters', { kind: 'answered', answer: { sluiceRedrive: 1, results: [] } } as never],
  ])('leaves the dead letters of an invocation that %s', async (_, invoked) => {
    const queue = new InMemoryRedriveQueue([deadLetterOf('a')]);
    const functions = new Map([['jobs', { invoke: () => Promise.resolve(invoked) }]]);
    const { results } = await runRedrive([queue], options({ functions }));
    expect(results).toMatchObject([{ kind: 'retry', code: 'function-failed' }]);
    expect(queue.visible).toHaveLength(1);
  });

  it('releases all dead letters when the function may not be invoked', async () => {
    const queue = new InMemoryRedriveQueue([deadLetterOf('a'), deadLetterOf('b')]);
    const functions = new Map([['jobs', { invoke: () => Promise.reject(new Error('AccessDenied')) }]]);
    await expect(runRedrive([queue], options({ functions }))).rejects.toThrow('AccessDenied');
    expect(queue.visible).toHaveLength(2);
  });
});
