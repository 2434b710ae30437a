import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../lib/event/event.ts';
import { clausesOf } from '../../../lib/expressions/clauses.ts';
import { matchEvent, routeOf } from '../../../lib/routing/route.ts';
import { unmetFilterOf } from '../../../lib/routing/unmet-filter.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import { eventWith } from '../../support/builders/evaluate-expression.ts';

function unmet(when: string, event: Event) {
  return unmetFilterOf(routeOf(makeRoute({ when })), event);
}

const ORDER = eventWith(
  '{"total":-5,"region":"eu","items":[{"n":1}],"paid":null,"big":12345678901234567890}',
);

describe('why a route does not want an event', () => {
  it.each<[when: string, clause: string, saw: object, absent?: readonly string[]]>([
    ['event.data.region == "eu" && event.data.total > 0', 'event.data.total > 0', { 'event.data.total': -5 }],
    ['event.data.region != "eu"', 'event.data.region != "eu"', { 'event.data.region': 'eu' }],
    [
      '(event.data.total > 0 || event.data.region == "us") && true',
      'event.data.total > 0 || event.data.region == "us"',
      { 'event.data.total': -5, 'event.data.region': 'eu' },
    ],
    [
      'event.data.region == "eu" && ((event.data).total > 0 && event.data.nope == 1)',
      '(event.data).total > 0',
      { 'event.data.total': -5 },
    ],
    ['event.data.items[0].n > 1', 'event.data.items[0].n > 1', { 'event.data.items[0].n': 1 }],
    ['size(event.data.items) > 5', 'size(event.data.items) > 5', {}],
    ['has(event.data.nope)', 'has(event.data.nope)', {}, ['event.data.nope']],
    ['event.data.?nope.orValue(0) > 5 && true', 'event.data.?nope.orValue(0) > 5', {}, ['event.data.nope']],
    ['event.data.paid != null', 'event.data.paid != null', { 'event.data.paid': null }],
    ['event.data.big == 1', 'event.data.big == 1', { 'event.data.big': '12345678901234567890' }],
    ['event.type in ["a", "b"]', 'event.type in ["a", "b"]', { 'event.type': ORDER.type }],
    ['"x-tenant" in event.headers', '"x-tenant" in event.headers', {}],
    ['event.data["region"] == "us"', 'event.data["region"] == "us"', { 'event.data.region': 'eu' }],
    ['event.data.items.exists(i, i.n > 5)', 'event.data.items.exists(i, i.n > 5)', {}],
    ['event.data.nope > 1 && event.data.total > 0', 'event.data.total > 0', { 'event.data.total': -5 }],
    ['!(event.data.region == "eu")', '!(event.data.region == "eu")', { 'event.data.region': 'eu' }],
    [
      'event.origin.kind == "kafka"',
      'event.origin.kind == "kafka"',
      { 'event.origin.kind': ORDER.origin.kind },
    ],
  ])('%s: %s', (when, clause, saw, absent = []) => {
    expect(unmet(when, ORDER)).toEqual({ route: 'process-orders', clause, saw, absent });
  });

  it('names the header that it saw', () => {
    const event = { ...ORDER, headers: [{ name: 'x-tenant', value: 'blue' }] };
    expect(unmet('event.headers["x-tenant"] == "red"', event)).toMatchObject({
      saw: { 'event.headers["x-tenant"]': 'blue' },
    });
  });

  it('is the rule for tombstones where the filter does not read them', () => {
    const { kind, ...located } = {
      kind: 'kafka',
      cluster: 'c',
      topic: 't',
      partition: 0,
      offset: 1,
    } as const;
    const tombstone = { ...ORDER, origin: { kind, ...located, timestampEpochMs: 0, tombstone: true } };
    expect(unmet('event.data == null', tombstone)).toEqual({
      route: 'process-orders',
      clause: '!event.tombstone',
      saw: { 'event.tombstone': true },
      absent: [],
    });
  });

  it('shows no value of a field that is called like a secret', () => {
    const names = [
      'password',
      'apiKey',
      'api_key',
      'accessToken',
      'clientSecret',
      'authorization',
      'pwd',
      'pin',
      'passwordHash',
    ];
    for (const name of names) {
      const event = eventWith(JSON.stringify({ [name]: 'hunter2', inner: { [name]: { value: 'hunter2' } } }));
      for (const path of [name, `inner.${name}.value`]) {
        const found = unmet(`event.data.${path} == 'hunter2 \\' or'`, event);
        expect(found?.clause).toBe(`event.data.${path} == "…"`);
        expect(JSON.stringify(found)).not.toContain('hunter2');
      }
    }
  });

  it('is short, whatever the event and the filter hold', () => {
    const long = 'x'.repeat(5_000);
    const event = eventWith(JSON.stringify({ a: `${'y'.repeat(98)}😀${long}`, b: { c: long } }));
    const condition = `event.data.a == "${long}" || event.data.b == event.data.a`;
    const found = unmet(condition, event);
    expect(found?.clause).toHaveLength(200);
    expect(JSON.stringify(found).length).toBeLessThan(500);
    expect(found?.saw['event.data.a']).toMatch(/^y{98}.?…$/u);
    const many = Array.from({ length: 50 }, (_, index) => `event.data.f${index} == 1`).join(' || ');
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 0]));
    expect(Object.keys(unmet(many, eventWith(JSON.stringify(fields)))?.saw ?? {})).toHaveLength(8);
  });

  it('is found for each event that a filter leaves out, and for no other one', () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b', ''), fc.constant(null));
    const operand = fc.constantFrom(
      'event.data.a == 1',
      '(event.data.a == "a" || event.data.b == 2)',
      'has(event.data.c)',
      '!(event.data.b == null)',
      '(event.data.b != 1 && (event.data).a != 2)',
      '"a)b(" != event.data.a',
    );
    const condition = fc
      .array(operand, { minLength: 1, maxLength: 4 })
      .map((operands) => operands.join(' && '));
    const data = fc.record({ a: value, b: value, c: value }, { requiredKeys: ['a', 'b'] });
    fc.assert(
      fc.property(condition, data, (when, fields) => {
        const event = eventWith(JSON.stringify(fields));
        const route = routeOf(makeRoute({ when }));
        const found = unmetFilterOf(route, event);
        expect(found !== null).toBe(matchEvent(route, event).kind === 'unmatched');
        if (found !== null)
          expect(matchEvent(routeOf(makeRoute({ when: found.clause })), event).kind).toBe('unmatched');
      }),
    );
  });

  it('reads names of prototypes as fields like any other', () => {
    const event = eventWith('{"__proto__":{"a":1},"constructor":5}');
    expect(unmet('event.data.constructor == 6', event)?.saw).toEqual({ 'event.data.constructor': 5 });
    expect(unmet('has(event.data.toString)', event)?.absent).toEqual(['event.data.toString']);
  });
});

describe('the clauses of a condition', () => {
  it.each([
    ['a single one', 'event.type == "a && b"', ['event.type == "a && b"']],
    ['those of cel.bind together', 'cel.bind(x, event.type, x == "a" && x != "b")', undefined],
    [
      'those in parentheses',
      '(event.type == "a") && (event.id == "b")',
      ['event.type == "a"', 'event.id == "b"'],
    ],
    [
      'with parentheses at an end',
      '(event.type).size() > 1 && !(event.id == "(")',
      ['(event.type).size() > 1', '!(event.id == "(")'],
    ],
  ])('are %s', (_what, condition, texts = [condition]) => {
    expect(clausesOf(condition).map(({ text }) => text)).toEqual(texts);
  });
});
