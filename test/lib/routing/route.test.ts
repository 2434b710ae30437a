import { describe, expect, it } from 'vitest';
import type { Event, Origin } from '../../../lib/event/event.ts';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { StaleConfigurationError } from '../../../lib/routing/parameters.ts';
import { matchEvent, routesFrom, type Match } from '../../../lib/routing/route.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { jsonData, makeEvent } from '../../support/builders/make-event.ts';

const fromKafka = (tombstone: boolean): Event => {
  const origin: Origin = {
    kind: 'kafka',
    cluster: 'b-1:9092',
    topic: 'orders',
    partition: 0,
    offset: 7,
    timestampEpochMs: 1_790_000_000_000,
    key: 'A-1',
    tombstone,
  };
  return makeEvent({ origin, data: jsonData(tombstone ? 'null' : '{"total":5}') });
};

function matches(when: string | null, event: Event): boolean {
  const config = makeCompiledConfig([makeSqsSource()], { routes: [makeRoute({ from: ['jobs'], when })] });
  const [route] = routesFrom(config, 'jobs');
  if (route === undefined) throw new Error('the configuration has a route');
  return matchEvent(route, event).kind === 'matched';
}

describe('a tombstone', () => {
  it.each([null, 'true', 'event.type == "order.paid"', 'event.data == null', '"event.tombstone" != ""'])(
    'does not match a route whose condition is %s, which does not ask for tombstones',
    (when) => {
      expect(matches(when, fromKafka(true))).toBe(false);
    },
  );

  it.each([
    'event.tombstone',
    'event["tombstone"]',
    'event.tombstone || event.data.total > 1',
    '["A-1"].exists(key, event.tombstone && event.origin.key == key)',
    'has(event.tombstone)',
  ])('matches a route whose condition %s reads event.tombstone and holds', (when) => {
    expect(matches(when, fromKafka(true))).toBe(true);
  });

  it('does not match a route whose condition reads event.tombstone and does not hold', () => {
    expect(matches('!event.tombstone', fromKafka(true))).toBe(false);
  });
});

describe('an event that is not a tombstone', () => {
  it.each([null, '!event.tombstone', '!event.tombstone && event.data.total > 1'])(
    'matches a route whose condition is %s',
    (when) => {
      expect(matches(when, fromKafka(false))).toBe(true);
      expect(matches(when, makeEvent({ data: jsonData('{"total":5}') }))).toBe(true);
    },
  );
});

describe('an event of a route with bypassWhen', () => {
  const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 };
  const URGENT = 'event.data.urgent == true';
  const WINDOW: CompiledCoalescing = { mode: 'window', ...CAPS, maxWaitSeconds: 10, bypassWhen: URGENT };

  function matchIn(coalesce: CompiledCoalescing, json: string): Match {
    const config = makeCompiledConfig([makeSqsSource()], {
      routes: [makeRoute({ from: ['jobs'], coalesce })],
    });
    const [route] = routesFrom(config, 'jobs');
    if (route === undefined) throw new Error('the configuration has a route');
    return matchEvent(route, makeEvent({ data: jsonData(json) }));
  }

  it.each<CompiledCoalescing>([
    WINDOW,
    { mode: 'debounce', ...CAPS, quietSeconds: 1, maxWaitSeconds: 10, bypassWhen: URGENT },
  ])('bypasses the window when the expression holds, in mode $mode', (coalesce) => {
    expect(matchIn(coalesce, '{"urgent":true}')).toMatchObject({ routed: { bypass: true } });
    expect(matchIn(coalesce, '{"urgent":false}')).toMatchObject({ routed: { bypass: false } });
  });

  it.each<CompiledCoalescing>([
    { ...WINDOW, bypassWhen: null },
    { mode: 'none' },
    { mode: 'invocation', ...CAPS },
    { mode: 'sliding', ...CAPS, sizeSeconds: 20, everySeconds: 10 },
  ])('does not bypass anything without bypassWhen or without windows, in mode $mode', (coalesce) => {
    expect(matchIn(coalesce, '{"urgent":true}')).toMatchObject({ routed: { bypass: false } });
  });

  it('is rejected when bypassWhen fails on it, never left to wait', () => {
    const match = matchIn(WINDOW, '{}');
    if (match.kind !== 'rejected') throw new Error(`the event is ${match.kind}`);
    expect(match.rejection.code).toBe('expression-failed');
    expect(match.rejection.detail).toMatch(/^coalesce\.bypassWhen: the event has no such field 'urgent'/);
  });

  it('cannot be decided by an expression that this version does not understand', () => {
    expect(() => matchIn({ ...WINDOW, bypassWhen: 'event.tpye' }, '{}')).toThrow(StaleConfigurationError);
  });
});
