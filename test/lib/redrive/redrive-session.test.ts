import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FateKind, LetterFate, RedriveRequest } from '../../../lib/redrive/invocation-protocol.ts';
import { readRedriveRequest } from '../../../lib/redrive/invocation-protocol.ts';
import type { HiddenMessage } from '../../../lib/redrive/redrive-ports.ts';
import { runRedrive, type RedriveTerms } from '../../../lib/redrive/redrive-session.ts';
import { InMemoryLetterQueue } from '../../support/fakes/in-memory-redrive-queue.ts';
import { letterMessages, makeHiddenMessage } from '../../support/builders/make-dead-letter.ts';
import { sqsRecord } from '../../support/builders/pipeline-parts.ts';

const EVERYTHING = { sources: [], routes: [], codes: [], sinceEpochMs: null, untilEpochMs: null };

function letterOf(id: string, changes: Parameters<typeof letterMessages>[0] = {}): HiddenMessage {
  const [message] = letterMessages({ record: sqsRecord(id, '{}'), eventId: id, ...changes });
  if (message === undefined) throw new Error('there is no letter');
  return message;
}

/** A function that settles every letter in this way, and keeps what it was asked. */
class ScriptedFunction {
  readonly requests: RedriveRequest[] = [];
  readonly #kindOf: (eventId: string) => FateKind;

  constructor(kindOf: (eventId: string) => FateKind = () => 'created') {
    this.#kindOf = kindOf;
  }

  get eventIds(): readonly string[] {
    return this.requests.flatMap(({ letters }) => letters.map(eventIdOf));
  }

  invoke(requestJson: string) {
    const request = readRedriveRequest(JSON.parse(requestJson));
    if (request === undefined) throw new Error('this is no request');
    this.requests.push(request);
    const fates = request.letters.map((letter): LetterFate => ({
      kind: this.#kindOf(eventIdOf(letter)),
      route: 'process-orders',
      code: null,
      detail: null,
      flowRunIds: ['run-1'],
    }));
    return Promise.resolve({
      kind: 'answered',
      answer: { sluiceRedrive: 1, fates, plannedRuns: {} },
    } as const);
  }
}

function eventIdOf(letter: unknown): string {
  return (letter as { eventId: string }).eventId;
}

function terms(overrides: Partial<RedriveTerms> = {}): RedriveTerms {
  return {
    mode: 'run',
    filter: EVERYTHING,
    lettersPerMinute: 60,
    maxLetters: null,
    functions: new Map([['jobs', new ScriptedFunction()]]),
    pause: () => Promise.resolve(),
    isInterrupted: () => false,
    ...overrides,
  };
}

const ids = (messages: readonly HiddenMessage[]): string[] =>
  messages.map(({ body }) => eventIdOf(JSON.parse(body))).sort();

describe('a redrive', () => {
  it.each<[FateKind, boolean]>([
    ['created', true],
    ['held', true],
    ['duplicate', true],
    ['dead-lettered', true],
    ['retry', false],
    ['unwanted', false],
    ['unreadable', false],
    ['planned', false],
  ])('of a letter that is %s deletes it: %s', async (kind, isDeleted) => {
    const queue = new InMemoryLetterQueue([letterOf('a')]);
    const functions = new Map([['jobs', new ScriptedFunction(() => kind)]]);
    const { fates } = await runRedrive([queue], terms({ functions }));
    expect(fates).toMatchObject([{ kind, count: 1 }]);
    expect(queue.visible).toHaveLength(isDeleted ? 0 : 1);
    expect(queue.hiddenCount).toBe(0);
  });

  it('plans without deleting anything, and shows all messages again', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b', 'c'].map((id) => letterOf(id)));
    const jobs = new ScriptedFunction(() => 'planned');
    const { letters } = await runRedrive(
      [queue],
      terms({ mode: 'plan', functions: new Map([['jobs', jobs]]) }),
    );
    expect(letters).toEqual([
      { source: 'jobs', route: 'process-orders', code: 'refused-by-prefect', count: 3 },
    ]);
    expect(jobs.requests.map(({ mode }) => mode)).toEqual(['plan']);
    expect(ids(queue.visible)).toEqual(['a', 'b', 'c']);
  });

  it('sends only the letters that are meant, and leaves the others as they are', async () => {
    const refused = { kind: 'dead-lettered', code: 'invalid-json', detail: '' } as const;
    const queue = new InMemoryLetterQueue([
      letterOf('a'),
      letterOf('b', { outcome: refused }),
      letterOf('c', { deadLetteredAtEpochMs: 1_700_000_000_000 }),
      makeHiddenMessage('{"no":"letter"}'),
    ]);
    const jobs = new ScriptedFunction();
    const filter = {
      ...EVERYTHING,
      routes: ['process-orders'],
      codes: ['refused-by-prefect'],
      sinceEpochMs: 1_750_000_000_000,
    };
    const { untouched } = await runRedrive([queue], terms({ filter, functions: new Map([['jobs', jobs]]) }));
    expect(jobs.eventIds).toEqual(['a']);
    expect(untouched).toMatchObject({ otherLetters: 2, foreign: 1 });
    expect(queue.visible).toHaveLength(3);
  });

  it('sends each letter to the function of its own source, whichever queue it is in', async () => {
    const functions = new Map(['jobs', 'mail'].map((source) => [source, new ScriptedFunction()]));
    const queues = [
      new InMemoryLetterQueue([letterOf('a'), letterOf('b', { source: 'mail' })]),
      new InMemoryLetterQueue([letterOf('c'), letterOf('d', { source: 'gone' })]),
    ];
    const { untouched } = await runRedrive(queues, terms({ functions }));
    expect(functions.get('jobs')?.eventIds).toEqual(['a', 'c']);
    expect(functions.get('mail')?.eventIds).toEqual(['b']);
    expect(untouched.withoutFunction).toEqual({ gone: 1 });
    expect(queues.map(({ visible }) => ids(visible))).toEqual([[], ['d']]);
  });

  it('joins letters of several messages, deletes all of these, and leaves parts that lack others', async () => {
    const record = sqsRecord('a', 'x'.repeat(5_000));
    const parts = letterMessages({ record, eventId: 'a' }, 2_000);
    const [lonely] = letterMessages({ record, eventId: 'b' }, 2_000);
    expect(parts.length).toBeGreaterThan(2);
    const jobs = new ScriptedFunction();
    const queue = new InMemoryLetterQueue([...parts.toReversed(), ...(lonely ? [lonely] : [])]);
    const { untouched } = await runRedrive([queue], terms({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.requests[0]?.letters).toMatchObject([{ eventId: 'a', record: { body: record.body } }]);
    expect(untouched.incompleteParts).toBe(1);
    expect(queue.visible).toHaveLength(1);
  });

  it.each<[string, FateKind]>([
    ['at once', 'dead-lettered'],
    ['when a window is flushed', 'held'],
  ])('does not chase the letters that it brings about itself, %s', async (_, kind) => {
    const queue = new InMemoryLetterQueue([letterOf('a')]);
    const jobs = new ScriptedFunction(() => {
      queue.send(letterOf('a', { deadLetteredAtEpochMs: 1_800_000_060_000 }));
      return kind;
    });
    await runRedrive([queue], terms({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.eventIds).toEqual(['a']);
    expect(ids(queue.visible)).toEqual(['a']);
  });

  it('sends nothing twice when messages show again meanwhile, and deletes them with their latest receipt', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b', 'c', 'd'].map((id) => letterOf(id)));
    const jobs = new ScriptedFunction();
    const pause = (): Promise<void> => {
      queue.showAll();
      return Promise.resolve();
    };
    const { undeleted } = await runRedrive(
      [queue],
      terms({ functions: new Map([['jobs', jobs]]), lettersPerMinute: 1, pause }),
    );
    expect(jobs.eventIds).toEqual(['a', 'b', 'c', 'd']);
    expect(undeleted).toBe(0);
    expect(queue.visible.length + queue.hiddenCount).toBe(0);
  });

  it('counts what SQS would not delete, and ends all the same', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b'].map((id) => letterOf(id)));
    queue.delete = (messages) => {
      queue.showAll();
      return Promise.resolve(messages);
    };
    const jobs = new ScriptedFunction();
    const { undeleted } = await runRedrive([queue], terms({ functions: new Map([['jobs', jobs]]) }));
    expect(jobs.eventIds).toEqual(['a', 'b']);
    expect(undeleted).toBe(2);
  });

  it('sends no more letters a minute than it may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 250 }),
        async (lettersPerMinute, count) => {
          const messages = Array.from({ length: count }, (_, index) => letterOf(`e${index}`));
          let pausedMs = 0;
          const pause = (ms: number): Promise<void> => {
            pausedMs += ms;
            return Promise.resolve();
          };
          const jobs = new ScriptedFunction();
          const functions = new Map([['jobs', jobs]]);
          await runRedrive(
            [new InMemoryLetterQueue(messages)],
            terms({ functions, lettersPerMinute, pause }),
          );
          const last = jobs.requests.at(-1)?.letters.length ?? 0;
          expect(jobs.eventIds).toHaveLength(count);
          expect(Math.max(...jobs.requests.map(({ letters }) => letters.length))).toBeLessThanOrEqual(
            Math.min(100, lettersPerMinute),
          );
          expect(pausedMs).toBeCloseTo(((count - last) * 60_000) / lettersPerMinute, 3);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('stops at the limit, and shows the rest again', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b', 'c', 'd', 'e'].map((id) => letterOf(id)));
    const jobs = new ScriptedFunction();
    const { stopped } = await runRedrive(
      [queue],
      terms({ functions: new Map([['jobs', jobs]]), maxLetters: 3 }),
    );
    expect(stopped).toBe('limit');
    expect(jobs.eventIds).toEqual(['a', 'b', 'c']);
    expect(ids(queue.visible)).toEqual(['d', 'e']);
  });

  it('sends nothing more once it is interrupted', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b', 'c'].map((id) => letterOf(id)));
    let isInterrupted = false;
    const jobs = new ScriptedFunction(() => {
      isInterrupted = true;
      return 'created';
    });
    const { stopped } = await runRedrive(
      [queue],
      terms({
        functions: new Map([['jobs', jobs]]),
        lettersPerMinute: 1,
        isInterrupted: () => isInterrupted,
      }),
    );
    expect(stopped).toBe('interrupted');
    expect(jobs.eventIds).toEqual(['a']);
    expect(ids(queue.visible)).toEqual(['b', 'c']);
  });

  it('gives up when nothing settles any more, and leaves all letters', async () => {
    const queue = new InMemoryLetterQueue(['a', 'b', 'c', 'd', 'e'].map((id) => letterOf(id)));
    const jobs = new ScriptedFunction(() => 'retry');
    const { stopped } = await runRedrive(
      [queue],
      terms({ functions: new Map([['jobs', jobs]]), lettersPerMinute: 1 }),
    );
    expect(stopped).toBe('nothing-settles');
    expect(jobs.eventIds).toEqual(['a', 'b', 'c']);
    expect(ids(queue.visible)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each<[string, Awaited<ReturnType<ScriptedFunction['invoke']>> | { kind: 'failed'; detail: string }]>([
    ['fails', { kind: 'failed', detail: 'out of memory' }],
    [
      'answers as one does that knows no redrives',
      { kind: 'answered', answer: { batchItemFailures: [] } } as never,
    ],
    ['answers for fewer letters', { kind: 'answered', answer: { sluiceRedrive: 1, fates: [] } } as never],
  ])('leaves the letters of an invocation that %s', async (_, invoked) => {
    const queue = new InMemoryLetterQueue([letterOf('a')]);
    const functions = new Map([['jobs', { invoke: () => Promise.resolve(invoked) }]]);
    const { fates } = await runRedrive([queue], terms({ functions }));
    expect(fates).toMatchObject([{ kind: 'retry', code: 'function-failed' }]);
    expect(queue.visible).toHaveLength(1);
  });

  it('shows everything again when the function may not be invoked', async () => {
    const queue = new InMemoryLetterQueue([letterOf('a'), letterOf('b')]);
    const functions = new Map([['jobs', { invoke: () => Promise.reject(new Error('AccessDenied')) }]]);
    await expect(runRedrive([queue], terms({ functions }))).rejects.toThrow('AccessDenied');
    expect(queue.visible).toHaveLength(2);
  });
});
