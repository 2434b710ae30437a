import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { toDeadLetterMessages } from '../../../lib/dead-letters/dead-letter.ts';
import type { RedriveResult, RedriveMode } from '../../../lib/redrive/invocation-protocol.ts';
import { parseDeadLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { redriveDeadLetters } from '../../../lib/redrive/redrive-dead-letters.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { makeHiddenMessage, makeDeadLetter } from '../../support/builders/make-dead-letter.ts';
import {
  PipelineParts,
  PLENTY_OF_TIME,
  sqsConfig,
  sqsRecord,
} from '../../support/builders/pipeline-parts.ts';

/** The letters that are in the queue, redriven; `config` is what is deployed by then. */
async function redrive(
  parts: PipelineParts,
  deadLetters: readonly string[],
  { config = parts.config, mode = 'run' }: { config?: CompiledConfig; mode?: RedriveMode } = {},
) {
  const whole = deadLetters.map((body): unknown => {
    const reading = parseDeadLetterMessage(makeHiddenMessage(body), 'jobs');
    return reading.kind === 'whole' ? JSON.parse(reading.deadLetterJson) : null;
  });
  const source = config.sources['jobs'] ?? makeSqsSource();
  const pipeline = {
    installation: parts.installation,
    config,
    source,
    routes: routesFrom(config, 'jobs'),
    ports: parts.ports,
  };
  const { response: answer } = await redriveDeadLetters(
    { mode, deadLetters: whole },
    pipeline,
    PLENTY_OF_TIME,
  );
  return answer;
}

const kindsOf = (results: readonly RedriveResult[]): string[] => results.map(({ kind }) => kind);

/** Prefect refuses what has the word poison in it, until it is told that the schema was mended. */
function refusingPrefect(parts: PipelineParts): { mend: () => void } {
  let isMended = false;
  parts.prefect.refuseWhen(({ parametersJson, dead }) =>
    !isMended && dead === null && parametersJson.includes('poison')
      ? { status: 409, detail: 'schema' }
      : null,
  );
  return {
    mend: () => {
      isMended = true;
    },
  };
}

describe('redriveDeadLetters', () => {
  it('runs a refused event exactly once after the schema of the flow is fixed, however often it is redriven', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":"poison"}')]);
    const deadLetters = [...parts.deadLetters.messages];
    schema.mend();

    const first = await redrive(parts, deadLetters);
    const second = await redrive(parts, deadLetters);

    expect(kindsOf(first.results)).toEqual(['created']);
    expect(kindsOf(second.results)).toEqual(['duplicate']);
    expect(second.results[0]?.flowRunIds).toEqual(first.results[0]?.flowRunIds);
    expect(parts.orders).toEqual([[{ n: 1 }], [{ n: 'poison' }]]);
  });

  it('lets redriven events share a run, although each was dead-lettered alone', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run(['a', 'b', 'c'].map((id) => sqsRecord(id, `{"poison":"${id}"}`)));
    expect(parts.deadLetters.messages).toHaveLength(3);
    schema.mend();

    const { results } = await redrive(parts, parts.deadLetters.messages);

    expect(kindsOf(results)).toEqual(['created', 'created', 'created']);
    expect(parts.orders).toEqual([[{ poison: 'a' }, { poison: 'b' }, { poison: 'c' }]]);
  });

  it('writes a new dead letter for an event that is refused again, which can be redriven in turn', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":"poison"}')]);
    const [deadLetter = ''] = parts.deadLetters.messages;

    expect(kindsOf((await redrive(parts, [deadLetter])).results)).toEqual(['dead-lettered']);

    const [, again = ''] = parts.deadLetters.messages;
    expect(JSON.parse(again)).toMatchObject({ code: 'refused-by-prefect', record: { id: 'm1' } });
    schema.mend();
    expect(kindsOf((await redrive(parts, [again, deadLetter])).results)).toEqual(['created', 'duplicate']);
    expect(parts.orders).toEqual([[{ n: 'poison' }]]);
  });

  it('leaves an event dead-lettered when it is redelivered rather than redriven', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":"poison"}')]);
    schema.mend();
    const [outcome] = await parts.run([sqsRecord('m1', '{"n":"poison"}', 2)]);
    expect(outcome?.outcome.kind).toBe('dead-lettered');
    expect(parts.orders).toEqual([]);
  });

  it('puts each event into one run, whatever redrives and redeliveries run concurrently', async () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const step = fc.tuple(fc.constantFrom('redrive', 'redeliver'), fc.uniqueArray(id, { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          const parts = new PipelineParts();
          const schema = refusingPrefect(parts);
          const recordOf = (name: string) => sqsRecord(name, `{"poison":"${name}"}`, 2);
          await parts.run(['a', 'b', 'c'].map(recordOf));
          const deadLetters = new Map(
            parts.deadLetters.messages.map((text) => [
              (JSON.parse(text) as { eventId: string }).eventId,
              text,
            ]),
          );
          schema.mend();
          for (const round of rounds) {
            const work = round.map(([kind, ids]) =>
              kind === 'redrive'
                ? redrive(
                    parts,
                    ids.map((name) => deadLetters.get(name) ?? ''),
                  )
                : parts.run(ids.map(recordOf)),
            );
            await Promise.all(work);
            parts.letLeasesEnd();
          }
          const { results } = await redrive(parts, [...deadLetters.values()]);
          expect(kindsOf(results).every((kind) => kind === 'created' || kind === 'duplicate')).toBe(true);
          const inRuns = parts.orders.flat().map((order) => (order as { poison: string }).poison);
          expect(inRuns.sort()).toEqual(['a', 'b', 'c']);
        },
      ),
    );
  });

  it('redrives only the event and the route that a dead letter names, of a record with several', async () => {
    const audit = makeRoute({ name: 'audit', from: ['jobs'], run: { ...makeRoute().run, flow: 'audit' } });
    const config = sqsConfig({ when: 'event.data.n > 0' });
    const jobs = makeSqsSource({ format: 'cloudevents' });
    const deployed = { ...config, sources: { jobs }, routes: [...config.routes, audit] };
    const parts = new PipelineParts(deployed);
    const event = (id: string, data: string) =>
      `{"specversion":"1.0","id":"${id}","source":"s","type":"t","data":${data}}`;
    await parts.run([
      {
        ...sqsRecord('m1', `[${event('e1', '{"n":1}')},${event('e2', '{"m":1}')}]`),
        contentType: 'application/cloudevents-batch+json',
      },
    ]);
    const runsBefore = parts.prefect.flowRuns.length;
    expect(parts.deadLetters.messages).toHaveLength(1);
    // The claims of the others are as good as gone.
    parts.nowEpochMs += 1_296_000_000 + 120_000;
    const mended = { ...deployed, routes: [{ ...deployed.routes[0], when: null }, audit] } as CompiledConfig;

    const { results } = await redrive(parts, parts.deadLetters.messages, { config: mended });

    expect(results).toMatchObject([{ kind: 'created', route: 'process-orders' }]);
    expect(parts.prefect.flowRuns).toHaveLength(runsBefore + 1);
    expect(parts.orders.at(-1)).toEqual([{ m: 1 }]);
  });

  it('redrives all events of a record that could not be decoded', async () => {
    const parts = new PipelineParts();
    await parts.run([sqsRecord('m1', 'plain words')]);
    const config = { ...parts.config, sources: { jobs: makeSqsSource({ format: 'text' }) } };
    const { results } = await redrive(parts, parts.deadLetters.messages, { config });
    expect(kindsOf(results)).toEqual(['created']);
    expect(parts.orders).toEqual([['plain words']]);
  });

  it('recognizes an event that waited in a window by its identity, whatever its source delivers', async () => {
    const parts = new PipelineParts();
    const record = sqsRecord('m1', '{"n":1}');
    await parts.run([record]);
    const identity = ['sqs', makeSqsSource().queueArn, 'm1'];
    const body = '{"specversion":"1.0","id":"m1","source":"sluice:jobs","type":"job","data":{"n":1}}';
    const deadLetters = toDeadLetterMessages(makeDeadLetter({ record: { ...record, body, identity } }));
    const config = { ...parts.config, sources: { jobs: makeSqsSource({ format: 'json' }) } };
    const { results } = await redrive(parts, deadLetters, { config });
    expect(kindsOf(results)).toEqual(['duplicate']);
  });

  it('leaves dead letters that no route takes any more, and those of another source', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'false' }));
    const deadLetters = [
      ...toDeadLetterMessages(makeDeadLetter()),
      ...toDeadLetterMessages(makeDeadLetter({ source: 'mail' })),
    ];
    const { results } = await redrive(parts, deadLetters);
    expect(kindsOf(results)).toEqual(['no-route', 'invalid']);
    expect(parts.prefect.createsSent).toEqual([]);
  });

  it('keeps the dead letter when Prefect is down, and when a new one cannot be stored', async () => {
    const down = new PipelineParts();
    down.prefect.outage = { status: 503, retryAfterMs: null };
    expect((await redrive(down, toDeadLetterMessages(makeDeadLetter()))).results).toMatchObject([
      { kind: 'retry', code: 'prefect-unavailable' },
    ]);
    const full = new PipelineParts(sqsConfig(), { deadLetters: () => 'lost-request' });
    const outcome = { kind: 'dead-lettered', code: 'invalid-json', detail: 'no value' } as const;
    const deadLetters = toDeadLetterMessages(
      makeDeadLetter({ record: sqsRecord('m1', '{'), outcome, eventId: null }),
    );
    expect((await redrive(full, deadLetters)).results).toMatchObject([
      { kind: 'retry', code: 'dead-letter-queue-unavailable' },
    ]);
  });

  it('plans a redrive without asking the table or Prefect: what would be sent, in how many runs, and what would fail again', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'event.data.n > 0' }));
    const bodies = ['{"n":1}', '{"n":2}', '{"m":1}', '{"n":0}'];
    const deadLetters = bodies.flatMap((body, index) =>
      toDeadLetterMessages(makeDeadLetter({ record: sqsRecord(`m${index}`, body), eventId: `m${index}` })),
    );
    const { results, plannedRuns } = await redrive(parts, deadLetters, { mode: 'plan' });
    expect(kindsOf(results)).toEqual(['planned', 'planned', 'dead-lettered', 'no-route']);
    expect(plannedRuns).toEqual({ 'process-orders': 1 });
    expect(parts.prefect.createsSent).toEqual([]);
    expect(parts.deadLetters.messages).toEqual([]);
  });
});
