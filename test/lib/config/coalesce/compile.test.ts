import { describe, expect, it } from 'vitest';
import { compiledRoute } from '../../../support/builders/route-configuration.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 409_600 };
const KEYED = 'key: event.data.region, maxEvents: 20, maxBytes: 100KiB';
const KEYED_CAPS = { key: 'event.data.region', maxEvents: 20, maxBytes: 102_400 };

const coalesceOf = (coalesce: string) => compiledRoute({ coalesce }).coalesce;

describe('coalescing', () => {
  it('mode window needs only maxWait', () => {
    expect(coalesceOf('{ mode: window, maxWait: 10s }')).toEqual({
      mode: 'window',
      ...CAPS,
      maxWaitSeconds: 10,
      bypassWhen: null,
    });
  });

  it('compiles every field of mode window', () => {
    expect(coalesceOf(`{ mode: window, ${KEYED}, maxWait: PT1M, bypassWhen: event.data.total > 5 }`)).toEqual(
      { mode: 'window', ...KEYED_CAPS, maxWaitSeconds: 60, bypassWhen: 'event.data.total > 5' },
    );
  });

  it.each(['0', '0s', '0m', 'PT0S'])(
    'a maxWait of %s is compiled to mode invocation, whatever the other fields are',
    (maxWait) => {
      const written = `{ mode: window, ${KEYED}, maxWait: ${maxWait}, bypassWhen: event.data.urgent == true }`;
      expect(coalesceOf(written)).toEqual({ mode: 'invocation', ...KEYED_CAPS });
    },
  );

  it('compiles every field of mode debounce', () => {
    expect(coalesceOf('{ mode: debounce, quiet: 30s, maxWait: 10m }')).toEqual({
      mode: 'debounce',
      ...CAPS,
      quietSeconds: 30,
      maxWaitSeconds: 600,
      bypassWhen: null,
    });
    expect(
      coalesceOf(`{ mode: debounce, ${KEYED}, quiet: 1s, maxWait: 1s, bypassWhen: 'event.type == "a"' }`),
    ).toEqual({
      mode: 'debounce',
      ...KEYED_CAPS,
      quietSeconds: 1,
      maxWaitSeconds: 1,
      bypassWhen: 'event.type == "a"',
    });
  });

  it('compiles every field of mode sliding', () => {
    expect(coalesceOf(`{ mode: sliding, ${KEYED}, size: 10m, every: 1m }`)).toEqual({
      mode: 'sliding',
      ...KEYED_CAPS,
      sizeSeconds: 600,
      everySeconds: 60,
    });
  });
});
