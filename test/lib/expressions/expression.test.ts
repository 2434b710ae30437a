import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../lib/event/event.ts';
import {
  type Evaluation,
  parseFilter,
  parseKey,
  parseRunExpression,
  type ParsedExpression,
} from '../../../lib/expressions/expression.ts';
import { jsonData, makeEvent, textData } from '../../support/builders/make-event.ts';

function run<Subject, Value>(parsed: ParsedExpression<Subject, Value>, subject: Subject): Evaluation<Value> {
  if (!parsed.ok) throw new Error(`${parsed.message} at ${parsed.offset}`);
  return parsed.expression.evaluate(subject);
}

const order = makeEvent({
  subject: 'A-1',
  extensions: { tenant: 'north', attempt: 3 },
  data: jsonData(
    '{"total":12,"half":0.5,"big":9007199254740993,"flag":true,"name":"Ada","items":[1,2],"none":null}',
  ),
});

describe('parseFilter', () => {
  it.each([
    'event.type == "order.paid" && event.data.total > 0',
    'event.data.total == 12',
    'event.data.total + 1 == 13.0',
    'event.data.total * 2 - 4 == 20.0',
    '2 * event.data.total / 8 == 3.0',
    'event.data.total % 5 == 2.0',
    'event.data.total in [11, 12]',
    'event.data.big == 9007199254740993',
    'event.data.big != 9007199254740992',
    'event.data.big + 1 == 9007199254740994',
    'event.data.big > event.data.total',
    'event.data.flag',
    '!has(event.time) && has(event.subject)',
    'event.?time.orValue("never") == "never"',
    'event.data.?missing.orValue(1) == 1',
    'has(event.data.none) && event.data.none == null',
    'event.extensions.tenant == "north" && event.extensions.attempt == 3',
    'event.origin.kind == "http" && event.origin.index == 0',
    '!has(event.origin.messageId)',
    'event.data.name.matches("^A")',
    'event.data.items.exists(item, item == 2)',
    'size(event.data.items) == 2',
    'event.data.missing == 1 || true',
    'event.data.flag == (event.data.total > 5)',
    'event.data.flag == ((event.data.total) > (5))',
    '(event.data.total > 5) == event.data.flag',
    'event.data.total > 5 == event.data.flag',
  ])('evaluates %s to true', (text) => {
    expect(run(parseFilter(text), order)).toEqual({ ok: true, value: true });
  });

  it('evaluates a condition that does not hold to false', () => {
    expect(run(parseFilter('event.data.total > 100'), order)).toEqual({ ok: true, value: false });
  });

  it.each([
    [
      'event.tpye == "a"',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      6,
    ],
    [
      'event.origin.tpoic == "a"',
      "Origin has no field 'tpoic'; it has kind, requestId, index, receivedAtEpochMs, messageId, queueArn, sentAtEpochMs, cluster, topic, partition, offset, timestampEpochMs, timestampType, key, keyBase64, schemaId, schemaSubject",
      13,
    ],
    [
      'has(event.tpye)',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      10,
    ],
    [
      'event.?tpye.orValue("") == ""',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      7,
    ],
    [
      'has(event.origin.tpoic)',
      "Origin has no field 'tpoic'; it has kind, requestId, index, receivedAtEpochMs, messageId, queueArn, sentAtEpochMs, cluster, topic, partition, offset, timestampEpochMs, timestampType, key, keyBase64, schemaId, schemaSubject",
      17,
    ],
    [
      'event[?"tpye"].hasValue()',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      7,
    ],
    ['event.type ==', 'Unexpected token: EOF', 13],
    ['', 'Unexpected token: EOF', 0],
    ['event.type', 'a filter must yield a bool, this one yields string', 0],
    [
      'evnt.type == "a"',
      'Unknown variable: evnt; filters and keys see `event`; runs see `events` (a list, oldest first), and `event` or `window`',
      0,
    ],
    [
      'events.size() > 1',
      'Unknown variable: events; filters and keys see `event`; runs see `events` (a list, oldest first), and `event` or `window`',
      0,
    ],
    ['event.id + 1 == "a"', 'no such overload: string + int', 0],
    [
      'event.data.name.matches(event.data.pattern)',
      'the pattern of matches() must be a text literal, never read from an event',
      24,
    ],
    [
      'event.data.name.matches("(")',
      'the pattern of matches() is not valid in RE2 (missing closing ): `(`), whose syntax is at https://github.com/google/re2/wiki/Syntax; it has no look-ahead and no backreferences',
      24,
    ],
    [
      'event.data.flag == event.data.total > 5',
      '== and > bind equally; put parentheses around one of them',
      19,
    ],
    [
      '(event.data.flag) != (event.data.total) in [5]',
      '!= and in bind equally; put parentheses around one of them',
      22,
    ],
    ['google.protobuf.Timestamp == type(event)', 'messages and types of Protobuf are not available', 0],
    [
      '[].all(e, e > 0)',
      'the types of the operands are ambiguous; write dyn(…) around an empty list or map',
      0,
    ],
    [
      'event.data.total == 9223372036854775808',
      'an int has 64 bits; compare numbers with more digits as text, string(…)',
      20,
    ],
    ['b"ÿ" == b""', 'bytes beyond ASCII have to be escaped: b"\\xc3\\xbf"', 0],
    [
      'timestamp(event.time).getHours("Mars")  == 1',
      'there is no such time zone; write "Europe/Berlin" or "+01:00"',
      31,
    ],
    ['event.data.name.substring_(1) == ""', 'there is no function substring_()', 0],
    ['{"a": 1, "a": 2}.a == 1', "the map key 'a' is there twice", 9],
    ['{event.id: 1} == {}', 'a map key must be a text literal', 1],
    ['{"constructor": 1} == {}', "'constructor' cannot be a map key here: CEL would drop it", 1],
  ])('refuses %j', (text, message, offset) => {
    expect(parseFilter(text)).toEqual({ ok: false, message, offset });
  });

  it.each([
    ['event.data.name', 'a filter must yield a bool, this one yielded a string'],
    ['event.data.none', 'a filter must yield a bool, this one yielded null'],
    ['event.data.items', 'a filter must yield a bool, this one yielded a list'],
    [
      'event.time == "a"',
      "the event has no such field 'time'; has(…) asks first, .?name.orValue(…) gives a default (at character 7)",
    ],
    [
      'event.data.missing > 1',
      "the event has no such field 'missing'; has(…) asks first, .?name.orValue(…) gives a default (at character 12)",
    ],
    [
      'event.data[event.data.name] == 1',
      'the event has no such field; has(…) asks first, .?name.orValue(…) gives a default (at character 1)',
    ],
    ['event.data.name > 1', 'no such overload: dyn<string> > int (at character 1)'],
    ['int(event.data.name) > 1', 'int() needs a whole number (at character 1)'],
    ['bool(event.data.name)', 'evaluation failed: bool conversion error (at character 1)'],
    ['event.data.items[7] == 1', 'evaluation failed: index out of bounds (at character 1)'],
    [
      'event.data.big + 0.5 > 1.0',
      'an integer that a double cannot hold met a double; convert one side with int(…) or double(…)',
    ],
    ['1 / int(event.data.half) == 1', 'division by zero (at character 1)'],
  ])('fails, and is not false, on %j', (text, message) => {
    expect(run(parseFilter(text), order)).toEqual({ ok: false, code: 'expression-failed', message });
  });

  it('reads data whose keys mean something in JavaScript', () => {
    const event = makeEvent({
      data: jsonData(
        '{"constructor":{"total":3},"__proto__":{"total":4},"inner":{"\\u0063onstructor":null}}',
      ),
    });
    expect(run(parseFilter('event.data.constructor.total == 3'), event)).toEqual({ ok: true, value: true });
    expect(run(parseFilter('event.data["__proto__"].total == 4'), event)).toEqual({ ok: true, value: true });
    expect(run(parseFilter('event.data.inner.constructor == null'), event)).toEqual({
      ok: true,
      value: true,
    });
    expect(run(parseFilter('has(event.data.toString)'), event)).toEqual({ ok: true, value: false });
  });

  it('reads text data as a string, and missing data as absent', () => {
    const filter = parseFilter('event.data.startsWith("PAID")');
    expect(run(filter, makeEvent({ data: textData('PAID A-1') }))).toEqual({ ok: true, value: true });
    expect(run(parseFilter('has(event.data)'), makeEvent({ data: { kind: 'none' } }))).toEqual({
      ok: true,
      value: false,
    });
  });

  it('shows the fields of each kind of origin', () => {
    const origins: readonly (readonly [Event['origin'], string])[] = [
      [
        { kind: 'sqs', messageId: 'm', queueArn: 'q', sentAtEpochMs: 5 },
        'event.origin.messageId == "m" && event.origin.queueArn == "q" && event.origin.sentAtEpochMs == 5',
      ],
      [
        {
          kind: 'kafka',
          cluster: 'c',
          topic: 't',
          partition: 1,
          offset: 2,
          timestampEpochMs: 3,
          tombstone: false,
        },
        'event.origin.topic == "t" && event.origin.partition + event.origin.offset == event.origin.timestampEpochMs',
      ],
    ];
    for (const [origin, text] of origins) {
      expect(run(parseFilter(text), makeEvent({ origin }))).toEqual({ ok: true, value: true });
    }
  });

  it('never throws, and quotes nothing of the data, whatever the data is', () => {
    const filters = [
      'event.data.a > 1',
      'event.data.a.b.c == 1',
      'bool(event.data)',
      'int(event.data.a) > 0',
      'timestamp(event.data.a) > timestamp(0)',
      'event.data[event.data.a]',
      'event.data.exists(x, x.y > 2)',
      'event.data.a.matches("x")',
      'event.data.a + event.data.b == 1',
    ].map((text) => parseFilter(text));
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.constantFrom(...filters), (a, b, filter) => {
        const secret = 'SECRET-4711';
        const text = `{"a":${a},"b":[${b},"${secret}"],"${secret}":"${secret}"}`;
        const answer = run(filter, makeEvent({ data: jsonData(text) }));
        expect(answer.ok || !answer.message.includes(secret)).toBe(true);
      }),
    );
  });

  it('does not quote a conversion that failed on event data', () => {
    const event = makeEvent({ data: jsonData('"SECRET-4711"') });
    for (const text of ['bool(event.data)', 'int(event.data) == 1', 'event.extensions[event.data] == 1']) {
      const answer = run(parseFilter(text), event);
      expect(answer.ok).toBe(false);
      expect(JSON.stringify(answer)).not.toContain('SECRET');
    }
  });
});

describe('parseKey', () => {
  it.each([
    ['event.data.name', 's:Ada'],
    ['event.data.total', 'n:12'],
    ['12', 'n:12'],
    ['event.data.half', 'n:0.5'],
    ['event.data.big', 'n:9007199254740993'],
    ['event.data.flag', 'b:true'],
    ['event.id + "/" + event.subject', 's:event-1/A-1'],
  ])('turns %s into the key %s', (text, key) => {
    expect(run(parseKey(text), order)).toEqual({ ok: true, value: key });
  });

  it('makes equal keys of equal values only', () => {
    const scalar = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.boolean(),
      fc.constantFrom('5', 5, 'true', true, 's:5', '0', 0, -0),
    );
    const keyOf = (value: unknown): Evaluation<string> =>
      run(parseKey('event.data'), makeEvent({ data: jsonData(JSON.stringify(value)) }));
    fc.assert(
      fc.property(scalar, scalar, (left, right) => {
        const [leftKey, rightKey] = [keyOf(left), keyOf(right)];
        if (!leftKey.ok || !rightKey.ok) throw new Error('a scalar has a key');
        expect(leftKey.value === rightKey.value).toBe(left === right);
      }),
    );
  });

  it.each([
    [
      'event.data',
      'a key must yield a string, a number or a bool, this one yielded a map or another composite value',
    ],
    ['event.data.none', 'a key must yield a string, a number or a bool, this one yielded null'],
    ['event.data.items', 'a key must yield a string, a number or a bool, this one yielded a list'],
    ['event.data.half / 0', 'a key must not be NaN or infinite'],
  ])('fails on %s', (text, message) => {
    expect(run(parseKey(text), order)).toEqual({ ok: false, code: 'expression-failed', message });
  });

  it.each([
    ['[event.id]', 'a key must yield a string, a number or a bool, this one yields list<string>'],
    ['event', 'a key must yield a string, a number or a bool, this one yields Event'],
    ['event.?subject', 'a key must yield a string, a number or a bool, this one yields optional<string>'],
  ])('refuses %s when it is parsed', (text, message) => {
    expect(parseKey(text)).toEqual({ ok: false, message, offset: 0 });
  });
});

describe('parseRunExpression', () => {
  it('sees the events in the order given', () => {
    const events = ['a', 'b', 'c'].map((id) => makeEvent({ id }));
    expect(run(parseRunExpression('events.map(e, e.id)'), { events, window: null })).toEqual({
      ok: true,
      value: ['a', 'b', 'c'],
    });
  });

  it.each([
    [
      'events.map(e, e.tpye)',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      16,
    ],
    [
      'events.map(e, has(e.tpye))',
      "Event has no field 'tpye'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, headers, header_values, headers_base64, origin",
      20,
    ],
    [
      'evnts.map(e, e.data)',
      'Unknown variable: evnts; filters and keys see `event`; runs see `events` (a list, oldest first), and `event` or `window`',
      0,
    ],
    ['window.begin', "Window has no field 'begin'; it has start, end, key, reason, count", 7],
    ['has(window.begin)', "Window has no field 'begin'; it has start, end, key, reason, count", 11],
  ])('refuses %s', (text, message, offset) => {
    expect(parseRunExpression(text)).toEqual({ ok: false, message, offset });
  });

  it('fails when one of the events lacks a field', () => {
    expect(
      run(parseRunExpression('events.map(e, e.subject)'), { events: [order, makeEvent()], window: null }),
    ).toEqual({
      ok: false,
      code: 'expression-failed',
      message:
        "the event has no such field 'subject'; has(…) asks first, .?name.orValue(…) gives a default (at character 17)",
    });
  });
});
