import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { toDeadLetters } from '../../../lib/dead-letters/dead-letter.ts';
import type { LetterFate, RedriveMode } from '../../../lib/redrive/invocation-protocol.ts';
import { readLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { redriveLetters } from '../../../lib/redrive/redrive-dead-letters.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { makeHiddenMessage, makeLetter } from '../../support/builders/make-dead-letter.ts';
import {
  PipelineParts,
  PLENTY_OF_TIME,
  sqsConfig,
  sqsRecord,
} from '../../support/builders/pipeline-parts.ts';

/** The letters that are in the queue, redriven; `config` is what is deployed by then. */
async function redrive(
  parts: PipelineParts,
  letters: readonly string[],
  { config = parts.config, mode = 'run' }: { config?: CompiledConfig; mode?: RedriveMode } = {},
) {
  const whole = letters.map((body): unknown => {
    const reading = readLetterMessage(makeHiddenMessage(body), 'jobs');
    return reading.kind === 'letter' ? JSON.parse(reading.letterJson) : null;
  });
  const source = config.sources['jobs'] ?? makeSqsSource();
  const pipeline = { config, source, routes: routesFrom(config, 'jobs'), ports: parts.ports };
  const { answer } = await redriveLetters({ mode, letters: whole }, pipeline, PLENTY_OF_TIME);
  return answer;
}

const kindsOf = (fates: readonly LetterFate[]): string[] => fates.map(({ kind }) => kind);

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

describe('redriveLetters', () => {
  it('runs a refused event once the schema of the flow is mended: once, however often it is redriven', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":"poison"}')]);
    const letters = [...parts.deadLetters.letters];
    schema.mend();

    const first = await redrive(parts, letters);
    const second = await redrive(parts, letters);

    expect(kindsOf(first.fates)).toEqual(['created']);
    expect(kindsOf(second.fates)).toEqual(['duplicate']);
    expect(second.fates[0]?.flowRunIds).toEqual(first.fates[0]?.flowRunIds);
    expect(parts.orders).toEqual([[{ n: 1 }], [{ n: 'poison' }]]);
  });

  it('lets events share a run again that died each alone', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run(['a', 'b', 'c'].map((id) => sqsRecord(id, `{"poison":"${id}"}`)));
    expect(parts.deadLetters.letters).toHaveLength(3);
    schema.mend();

    const { fates } = await redrive(parts, parts.deadLetters.letters);

    expect(kindsOf(fates)).toEqual(['created', 'created', 'created']);
    expect(parts.orders).toEqual([[{ poison: 'a' }, { poison: 'b' }, { poison: 'c' }]]);
  });

  it('writes a new letter for what is refused again, which can be redriven in its turn', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":"poison"}')]);
    const [letter = ''] = parts.deadLetters.letters;

    expect(kindsOf((await redrive(parts, [letter])).fates)).toEqual(['dead-lettered']);

    const [, again = ''] = parts.deadLetters.letters;
    expect(JSON.parse(again)).toMatchObject({ code: 'refused-by-prefect', record: { id: 'm1' } });
    schema.mend();
    expect(kindsOf((await redrive(parts, [again, letter])).fates)).toEqual(['created', 'duplicate']);
    expect(parts.orders).toEqual([[{ n: 'poison' }]]);
  });

  it('changes nothing of what an ordinary redelivery finds: what is dead stays dead', async () => {
    const parts = new PipelineParts();
    const schema = refusingPrefect(parts);
    await parts.run([sqsRecord('m1', '{"n":"poison"}')]);
    schema.mend();
    const [outcome] = await parts.run([sqsRecord('m1', '{"n":"poison"}', 2)]);
    expect(outcome?.outcome.kind).toBe('dead-lettered');
    expect(parts.orders).toEqual([]);
  });

  it('has each event in one run, whatever redrives and redeliveries do at the same time', async () => {
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
          const letters = new Map(
            parts.deadLetters.letters.map((text) => [
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
                    ids.map((name) => letters.get(name) ?? ''),
                  )
                : parts.run(ids.map(recordOf)),
            );
            await Promise.all(work);
            parts.letLeasesEnd();
          }
          const { fates } = await redrive(parts, [...letters.values()]);
          expect(kindsOf(fates).every((kind) => kind === 'created' || kind === 'duplicate')).toBe(true);
          const inRuns = parts.orders.flat().map((order) => (order as { poison: string }).poison);
          expect(inRuns.sort()).toEqual(['a', 'b', 'c']);
        },
      ),
    );
  });

  it('runs only the event and the route that the letter is about, of a record with several', async () => {
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
    expect(parts.deadLetters.letters).toHaveLength(1);
    // The claims of the others are as good as gone.
    parts.nowEpochMs += 1_296_000_000 + 120_000;
    const mended = { ...deployed, routes: [{ ...deployed.routes[0], when: null }, audit] } as CompiledConfig;

    const { fates } = await redrive(parts, parts.deadLetters.letters, { config: mended });

    expect(fates).toMatchObject([{ kind: 'created', route: 'process-orders' }]);
    expect(parts.prefect.flowRuns).toHaveLength(runsBefore + 1);
    expect(parts.orders.at(-1)).toEqual([{ m: 1 }]);
  });

  it('takes all of a record that could not be decoded', async () => {
    const parts = new PipelineParts();
    await parts.run([sqsRecord('m1', 'plain words')]);
    const config = { ...parts.config, sources: { jobs: makeSqsSource({ format: 'text' }) } };
    const { fates } = await redrive(parts, parts.deadLetters.letters, { config });
    expect(kindsOf(fates)).toEqual(['created']);
    expect(parts.orders).toEqual([['plain words']]);
  });

  it('knows an event that waited in a window again by its identity, whatever its source delivers', async () => {
    const parts = new PipelineParts();
    const record = sqsRecord('m1', '{"n":1}');
    await parts.run([record]);
    const identity = ['sqs', makeSqsSource().queueArn, 'm1'];
    const body = '{"specversion":"1.0","id":"m1","source":"sluice:jobs","type":"job","data":{"n":1}}';
    const letters = toDeadLetters(makeLetter({ record: { ...record, body, identity } }));
    const config = { ...parts.config, sources: { jobs: makeSqsSource({ format: 'json' }) } };
    const { fates } = await redrive(parts, letters, { config });
    expect(kindsOf(fates)).toEqual(['duplicate']);
  });

  it('leaves what no route wants any more, and what is of another source', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'false' }));
    const letters = [...toDeadLetters(makeLetter()), ...toDeadLetters(makeLetter({ source: 'mail' }))];
    const { fates } = await redrive(parts, letters);
    expect(kindsOf(fates)).toEqual(['unwanted', 'unreadable']);
    expect(parts.prefect.createsSent).toEqual([]);
  });

  it('keeps the old letter when Prefect is down, and when the new letter cannot be stored', async () => {
    const down = new PipelineParts();
    down.prefect.outage = { status: 503, retryAfterMs: null };
    expect((await redrive(down, toDeadLetters(makeLetter()))).fates).toMatchObject([
      { kind: 'retry', code: 'prefect-unavailable' },
    ]);
    const full = new PipelineParts(sqsConfig(), { deadLetters: () => 'lost-request' });
    const outcome = { kind: 'dead-lettered', code: 'invalid-json', detail: 'no value' } as const;
    const letters = toDeadLetters(makeLetter({ record: sqsRecord('m1', '{'), outcome, eventId: null }));
    expect((await redrive(full, letters)).fates).toMatchObject([
      { kind: 'retry', code: 'dead-letter-queue-unavailable' },
    ]);
  });

  it('plans without asking the table or Prefect: which would be sent, in how many runs, which die again', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'event.data.n > 0' }));
    const bodies = ['{"n":1}', '{"n":2}', '{"m":1}', '{"n":0}'];
    const letters = bodies.flatMap((body, index) =>
      toDeadLetters(makeLetter({ record: sqsRecord(`m${index}`, body), eventId: `m${index}` })),
    );
    const { fates, plannedRuns } = await redrive(parts, letters, { mode: 'plan' });
    expect(kindsOf(fates)).toEqual(['planned', 'planned', 'dead-lettered', 'unwanted']);
    expect(plannedRuns).toEqual({ 'process-orders': 1 });
    expect(parts.prefect.createsSent).toEqual([]);
    expect(parts.deadLetters.letters).toEqual([]);
  });
});
