import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRunExpression } from '../../../lib/expressions/expression.ts';
import { renderJson } from '../../../lib/expressions/render-json.ts';
import type { RunWindow } from '../../../lib/expressions/window-view.ts';

const SAMPLE: RunWindow = {
  startEpochMs: Date.parse('2026-01-01T00:00:00.25Z'),
  endEpochMs: Date.parse('2026-01-01T01:00:00Z'),
  key: 'eu',
  reason: 'time',
  count: 3,
};

function over(text: string, window: RunWindow = SAMPLE): unknown {
  const parsed = parseRunExpression(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const evaluated = parsed.expression.evaluate({ events: [], window });
  return evaluated.ok ? renderJson(evaluated.value) : evaluated;
}

describe('window in expressions', () => {
  it.each([
    ['window.start', '"2026-01-01T00:00:00.25Z"'],
    ['window.end - window.start', '"3599.75s"'],
    ['window.start.getHours("Europe/Berlin")', '1'],
    ['window.start < window.end', 'true'],
    ['window.key + " " + window.reason', '"eu time"'],
    ['window.count + 1', '4'],
    [
      'window',
      '{"start":"2026-01-01T00:00:00.25Z","end":"2026-01-01T01:00:00Z","key":"eu","reason":"time","count":3}',
    ],
  ])('%s is %s', (text, json) => {
    expect(over(text)).toEqual({ ok: true, text: json });
  });

  it('has a start and an end whatever a producer says of the time', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (epochMs) => {
        const window = { ...SAMPLE, startEpochMs: epochMs, endEpochMs: epochMs };
        expect(over('[window.start, window.end]', window)).toMatchObject({ ok: true });
      }),
    );
  });
});
