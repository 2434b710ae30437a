import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledRunOptions } from '../../../lib/compiled-config/compiled-run-options.ts';
import { startEpochMs } from '../../../lib/routing/run-option-values.ts';
import { evaluateRunOptions, parseRunOptions, type RunOptions } from '../../../lib/routing/run-options.ts';
import { eventWith } from '../../support/builders/evaluate-expression.ts';

const NONE: CompiledRunOptions = {
  name: null,
  tagExpressions: [],
  workQueue: null,
  after: null,
  jobVariables: {},
};

function evaluated(options: Partial<CompiledRunOptions>, ...dataJsons: readonly string[]) {
  const templates = parseRunOptions({ ...NONE, ...options });
  return evaluateRunOptions(templates, { events: dataJsons.map(eventWith), window: null });
}

function optionsOf(options: Partial<CompiledRunOptions>, ...dataJsons: readonly string[]): RunOptions {
  const found = evaluated(options, ...dataJsons);
  if (found.kind === 'rejected') throw new Error(found.rejection.detail);
  return found.value;
}

function rejectionOf(options: Partial<CompiledRunOptions>, ...dataJsons: readonly string[]) {
  const found = evaluated(options, ...dataJsons);
  return found.kind === 'rejected' ? found.rejection : null;
}

const queueBy = (expression: string): Partial<CompiledRunOptions> => ({
  workQueue: { kind: 'chosen', expression, allow: ['high', 'low'] },
});

const startBy = (expression: string): Partial<CompiledRunOptions> => ({
  after: { kind: 'chosen', expression, atMostSeconds: 86_400 },
});

const variableBy = (
  expression: string,
  allow: readonly (string | number)[] | null = null,
): Partial<CompiledRunOptions> => ({ jobVariables: { cpu: { expression, allow } } });

const nameBy = (name: string): Partial<CompiledRunOptions> => ({ name });
const tagsBy = (...tagExpressions: readonly string[]): Partial<CompiledRunOptions> => ({ tagExpressions });

describe('the name of a run', () => {
  it.each([
    ['"orders of " + event.data.region', '{"region":"eu"}', 'orders of eu'],
    ['event.data.n', '{"n":12.50}', '12.50'],
    ['event.data.n', '{"n":12345678901234567890}', '12345678901234567890'],
    ['size(events)', '{}', '1'],
    ['event.data.t', '{"t":"  a\\r\\n\\tb\\u001b[31m\\u2028c "}', 'a b [31m c'],
    ['event.data.t', '{"t":" \\n "}', null],
  ])('is what %s yields over %s', (expression, data, name) => {
    expect(optionsOf(nameBy(expression), data).name).toBe(name);
  });

  it('is cut at 200 characters, never within one', () => {
    const { name } = optionsOf(nameBy('event.data'), JSON.stringify('😀'.repeat(300)));
    expect(name?.length).toBeLessThanOrEqual(200);
    expect(name?.isWellFormed()).toBe(true);
  });

  it('of any text is one line of at most 200 characters without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\0'));
        const { name } = optionsOf(nameBy('event.data'), JSON.stringify(text));
        expect(name ?? 'a').toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u);
      }),
    );
  });

  it.each([
    ['event.data.list', '{"list":[1]}', 'invalid-run-option'],
    ['event.data', '{"a":1}', 'invalid-run-option'],
    ['event.data.t', '{"t":null}', 'invalid-run-option'],
    ['event.data.missing', '{}', 'expression-failed'],
    ['bytes("a")', '{}', 'expression-failed'],
    ['bytes(event.data.t).json()', '{"t":"\\"\\\\ud83d\\""}', 'lone-surrogate'],
    ['event.data.t + "\\u0000"', '{"t":"a"}', 'nul-character'],
  ])('cannot be what %s yields over %s', (expression, data, code) => {
    const rejection = rejectionOf(nameBy(expression), data);
    expect(rejection).toMatchObject({ code });
    expect(rejection?.detail).toMatch(/^run\.name: /);
  });
});

describe('tags by expression', () => {
  it('are texts and lists of texts, without repetitions and empty ones', () => {
    const tags = tagsBy('event.data.region', 'events.map(e, e.data.kind)', '["a", "", 5]');
    const found = optionsOf(tags, '{"region":"eu","kind":"b"}', '{"region":"us","kind":"b"}');
    expect(found.tags).toEqual(['eu', 'b', 'a', '5']);
  });

  it('are cut at 100 characters, and at 20 of them', () => {
    const many = JSON.stringify(Array.from({ length: 50 }, (_, index) => `t${index}`.repeat(60)));
    const { tags } = optionsOf(tagsBy('event.data'), many);
    expect(tags).toHaveLength(20);
    expect(Math.max(...tags.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it.each(['prefect.flow', 'Sluice:x', ' sluice', 'route:other', '\\u0007route:other'])(
    'cannot imitate the tag %s of Sluice or Prefect',
    (tag) => {
      expect(rejectionOf(tagsBy('event.data'), `"${tag}"`)).toMatchObject({ code: 'invalid-run-option' });
    },
  );

  it.each([['[[1]]'], ['{"a":1}'], ['[null]'], ['null']])('cannot be %s', (data) => {
    expect(rejectionOf(tagsBy('event.data'), data)).toMatchObject({ code: 'invalid-run-option' });
  });
});

describe('the work queue of a run', () => {
  it('is fixed, or one of those that the expression may yield', () => {
    expect(optionsOf({ workQueue: { kind: 'fixed', queue: 'high' } }, '{}').workQueue).toBe('high');
    expect(optionsOf(queueBy('event.data.q'), '{"q":"low"}').workQueue).toBe('low');
  });

  it.each(['"higher"', '"HIGH"', '" high"', '["high"]', '1', 'null', '{"q":"high"}'])(
    'is never %s, which is not in the list',
    (data) => {
      const rejection = rejectionOf(queueBy('event.data'), data);
      expect(rejection).toMatchObject({ code: 'unknown-work-queue' });
      expect(rejection?.detail).toBe('run.workQueue: it yields none of the queues in `allow`');
    },
  );
});

describe('the start of a run', () => {
  const NOW = Date.parse('2026-01-01T12:00:00Z');

  function startOver(expression: string, data: string): number | string | null {
    const found = evaluated(startBy(expression), data);
    if (found.kind === 'rejected') return found.rejection.code;
    const start = startEpochMs(found.value.start, NOW);
    return start.kind === 'rejected' ? start.rejection.code : start.value;
  }

  it.each([
    ['event.data.at', '{"at":"2026-01-01T13:00:00+00:30"}', NOW + 30 * 60_000],
    ['timestamp(event.data.at) + duration("90s")', '{"at":"2026-01-01T12:00:00.5Z"}', NOW + 90_500],
    ['timestamp(int(event.data.at))', `{"at":${NOW / 1_000 + 5}}`, NOW + 5_000],
    ['duration(event.data.wait)', '{"wait":"1.5s"}', NOW + 1_500],
    ['event.data.at', '{"at":"2025-12-31T23:59:59Z"}', null],
    ['event.data.at', '{"at":"0001-01-01T00:00:00Z"}', null],
    ['duration(event.data.wait)', '{"wait":"-1h"}', NOW],
    ['event.data.at', '{"at":"9999-12-31T23:59:59Z"}', 'invalid-run-option'],
    ['event.data.at', '{"at":"2026-01-02T12:00:00.001Z"}', 'invalid-run-option'],
    ['duration(event.data.wait)', '{"wait":"24h1s"}', 'invalid-run-option'],
    ['event.data.at', '{"at":"tomorrow"}', 'invalid-run-option'],
    ['event.data.at', '{"at":"2026-01-01"}', 'invalid-run-option'],
    ['event.data.at', '{"at":1767268800}', 'invalid-run-option'],
    ['event.data.at', '{"at":null}', 'invalid-run-option'],
    ['event.data.at', '{}', 'expression-failed'],
  ])('by %s over %s is %s', (expression, data, expected) => {
    expect(startOver(expression, data)).toBe(expected);
  });

  it('by a delay counts from the creation of the run', () => {
    const { start } = optionsOf({ after: { kind: 'delay', delaySeconds: 600 } }, '{}');
    expect(startEpochMs(start, NOW)).toEqual({ kind: 'value', value: NOW + 600_000 });
  });
});

describe('job variables', () => {
  it.each([
    ['event.data', '"2 vCPU"', '{"cpu":"2 vCPU"}'],
    ['event.data', '0.50', '{"cpu":0.50}'],
    ['event.data', '12345678901234567890', '{"cpu":12345678901234567890}'],
    ['event.data.n + 1', '{"n":1}', '{"cpu":2}'],
    ['event.data', '"\\"}, {\\"image\\":\\"evil"', '{"cpu":"\\"}, {\\"image\\":\\"evil"}'],
  ])('by %s over %s', (expression, data, json) => {
    expect(optionsOf(variableBy(expression), data).jobVariablesJson).toBe(json);
  });

  it.each([
    ['true', 'invalid-run-option'],
    ['null', 'invalid-run-option'],
    ['["a"]', 'invalid-run-option'],
    ['{"$ref":"a"}', 'invalid-run-option'],
    ['{"__prefect_kind":"jinja"}', 'invalid-run-option'],
    ['"{{ prefect.blocks.secret.production }}"', 'template-marker'],
    ['"{{$env}}"', 'template-marker'],
    ['"}}"', 'template-marker'],
    [JSON.stringify('x'.repeat(1_001)), 'too-large'],
  ])('cannot be %s', (data, code) => {
    expect(rejectionOf(variableBy('event.data'), data)).toMatchObject({ code });
  });

  it.each([
    ['"small"', null],
    ['2', null],
    ['2.0', null],
    ['"2"', 'invalid-run-option'],
    ['"Small"', 'invalid-run-option'],
    ['3', 'invalid-run-option'],
  ])('with a list of values: %s', (data, code) => {
    const rejection = rejectionOf(variableBy('event.data', ['small', 2]), data);
    expect(rejection?.code ?? null).toBe(code);
  });
});

describe('options of a run', () => {
  it('never quote what an expression yields', () => {
    const secret = '{"q":"hunter2","t":["hunter2"],"v":{"hunter2":1}}';
    const each = [queueBy('event.data.q'), nameBy('event.data.t'), variableBy('event.data.v')];
    for (const options of each) {
      expect(rejectionOf(options, secret)?.detail).not.toContain('hunter2');
    }
  });
});
