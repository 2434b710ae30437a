/**
 * What attackers and accidents send. Each is refused by its code or becomes harmless data; that no cost grows faster
 * than the input is measured at the end.
 */
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Decoded } from '../../../lib/event/record.ts';
import { matchEvent, routesFrom } from '../../../lib/routing/route.ts';
import { makeCompiledConfig, makeHttpSource, makeRoute } from '../../support/builders/compiled-config.ts';
import { eventBridgeEvent, s3Notification, snsEnvelope } from '../../support/builders/make-envelope.ts';
import { jsonData } from '../../support/builders/make-event.ts';
import { makeHttpRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const source = makeHttpSource({ unwrap: ['sns', 'eventbridge', 's3'] });
const JSON_TYPE = 'application/json';

function decode(body: string | Uint8Array, contentType = JSON_TYPE, headers = {}): Decoded {
  return decodeRecord(makeHttpRecord({ body, contentType, headers }), source, limits);
}

function outcomeOf(decoded: Decoded): unknown {
  return decoded.kind === 'rejected' ? decoded.rejection.code : decoded.events.map(({ data }) => data);
}

const utf8 = (...bytes: readonly number[]): Uint8Array => Uint8Array.from([0x22, ...bytes, 0x22]);

describe('hostile text', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['a byte that is not UTF-8', utf8(0xff), 'invalid-utf8'],
    ['an overlong encoding', utf8(0xc0, 0xa0), 'invalid-utf8'],
    ['an encoded surrogate', utf8(0xed, 0xa0, 0x80), 'invalid-utf8'],
    ['a truncated character', utf8(0xe2, 0x82), 'invalid-utf8'],
    ['UTF-16', Buffer.from('"a"', 'utf16le'), 'invalid-json'],
    ['a raw NUL', '"\0"', 'invalid-json'],
    ['an escaped NUL', String.raw`"\u0000"`, 'nul-character'],
    ['an escaped NUL in a key', String.raw`{"a\u0000":1}`, 'nul-character'],
    ['half of a surrogate pair', String.raw`"\ud800"`, 'lone-surrogate'],
    ['halves in the wrong order', String.raw`"\ude00\ud83d"`, 'lone-surrogate'],
    ['NaN', 'NaN', 'invalid-json'],
    ['Infinity', '[-Infinity]', 'invalid-json'],
    ['hexadecimal', '0x10', 'invalid-json'],
    ['a leading zero', '01', 'invalid-json'],
    ['single quotes', "{'a':1}", 'invalid-json'],
    ['a comma at the end', '[1,]', 'invalid-json'],
    ['two values', '{} {}', 'invalid-json'],
    ['a number beyond double', '1e400', 'number-out-of-range'],
    ['a huge exponent', '1e999999999', 'number-out-of-range'],
    ['an integer of 4,301 digits', '9'.repeat(4_301), 'number-out-of-range'],
    ['65 levels', '{"a":'.repeat(65) + '1' + '}'.repeat(65), 'too-deep'],
    ['40,000 levels that never end', '{"a":'.repeat(40_000), 'too-deep'],
    ['two byte order marks', '\uFEFF\uFEFF{}', 'invalid-json'],
  ])('%s is refused', (_name, body, code) => {
    expect(outcomeOf(decode(body))).toBe(code);
  });

  it.each([
    ['a byte order mark', '\uFEFF{"a":1}', '{"a":1}'],
    ['minus zero', '-0', '-0'],
    ['an integer beyond 2^53', '9007199254740993', '9007199254740993'],
    ['an integer of 4,300 digits', '9'.repeat(4_300), '9'.repeat(4_300)],
    ['a tiny exponent', '1e-999999999', '1e-999999999'],
    ['a whole pair', String.raw`"\ud83d\ude00"`, String.raw`"\ud83d\ude00"`],
    ['the names of prototypes', '{"__proto__":{"a":1},"constructor":{"prototype":{}}}', undefined],
    ['a key that comes twice', '{"a":1,"a":2}', '{"a":1,"a":2}'],
  ])('%s is data, kept as it is written', (_name, body, text = body) => {
    expect(outcomeOf(decode(body))).toEqual([jsonData(text)]);
  });

  it('of duplicate keys the last one counts, in expressions as in Python; both reach the flow as they are', () => {
    const config = makeCompiledConfig([source], {
      routes: [makeRoute({ from: [source.name], when: 'event.data.a == 2' })],
    });
    const [route] = routesFrom(config, source.name);
    const decoded = decode('{"a":1,"a":2}');
    const [event] = decoded.kind === 'events' ? decoded.events : [];
    if (route === undefined || event === undefined) throw new Error('no route or no event');
    expect(matchEvent(route, event).kind).toBe('matched');
  });

  it('changes no prototype', () => {
    decode('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    decode('__proto__=polluted', 'application/x-www-form-urlencoded');
    decode('{"specversion":"1.0","id":"1","source":"/a","type":"t","__proto__":{"polluted":1}}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('hostile amounts', () => {
  it.each([
    ['100,000 elements', `[${'{},'.repeat(99_999)}{}]`, JSON_TYPE],
    ['100,000 bad elements', `[${String.raw`"\u0000",`.repeat(99_999)}1]`, JSON_TYPE],
    [
      '100,000 CloudEvents that are none',
      `[${'{},'.repeat(99_999)}{}]`,
      'application/cloudevents-batch+json',
    ],
    ['101 records of S3', s3Notification(...Array.from({ length: 101 }, () => ({}))), JSON_TYPE],
  ])('%s are counted before anything is made of them', (_name, body, contentType) => {
    const decoded = decode(body, contentType);
    expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code: 'too-many-events' } });
    // One problem, and not 100,000 of them in an answer.
    expect(JSON.stringify(decoded).length).toBeLessThan(1_000);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'gzip, identity', 'GZIP'])(
    'a body in %s is never inflated, however small it is',
    (encoding) => {
      const bomb = Buffer.from('H4sIAAAAAAAAA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAA', 'base64');
      expect(outcomeOf(decode(bomb, JSON_TYPE, { 'content-encoding': encoding }))).toBe(
        'unsupported-content-encoding',
      );
    },
  );
});

/** So that no limit ends the work early. */
const roomyLimits = { maxEventBytes: 16_000_000, maxDepth: 64, maxKeys: 1_000_000 };
const roomySource = makeHttpSource({ ...source, maxEventsPerRequest: 1_000_000 });

function work(body: string, contentType = JSON_TYPE, headers = {}): Decoded {
  return decodeRecord(makeHttpRecord({ body, contentType, headers }), roomySource, roomyLimits);
}

/** Texts of which parsers and regular expressions are known to make too much, by their length. */
const FAMILIES: readonly [string, (length: number) => Decoded][] = [
  ['open brackets', (length) => work('['.repeat(length))],
  ['open objects', (length) => work('{"a":'.repeat(length / 5))],
  ['open quotes', (length) => work(`"${'a'.repeat(length)}`)],
  ['backslashes', (length) => work(`"${'\\'.repeat(length)}"`)],
  ['escapes of halves', (length) => work(`"${String.raw`\ud83d\ude00`.repeat(length / 12)}"`)],
  ['escapes before a marker', (length) => work(`"${String.raw`\u005f`.repeat(length / 6)}"`)],
  ['white space', (length) => work(`${' '.repeat(length)}1${'\n'.repeat(length)}`)],
  ['white space around members', (length) => work(`{"a"${' '.repeat(length)}:${' '.repeat(length)}1}`)],
  ['digits', (length) => work('9'.repeat(length))],
  ['digits behind a point', (length) => work(`0.${'9'.repeat(length)}`)],
  ['long integers', (length) => work(`{"a":[${`${'9'.repeat(999)},`.repeat(length / 1_000)}1]}`)],
  ['exponents', (length) => work(`{"a":[${'1e5,'.repeat(length / 4)}1]}`)],
  ['equal keys', (length) => work(`{${'"a":1,'.repeat(length / 6)}"a":1}`)],
  ['commas', (length) => work(`[${','.repeat(length)}]`)],
  ['envelopes', (length) => work(eventBridgeEvent(snsEnvelope(JSON.stringify('x'.repeat(length)))))],
  ['quotes in envelopes', (length) => work(snsEnvelope(snsEnvelope(JSON.stringify('"'.repeat(length)))))],
  ['a form of separators', (length) => work('&'.repeat(length), 'application/x-www-form-urlencoded')],
  ['a form of one field', (length) => work('a=1&'.repeat(length / 4), 'application/x-www-form-urlencoded')],
  ['a form of plus signs', (length) => work('+'.repeat(length), 'application/x-www-form-urlencoded')],
  [
    'a form of percent signs',
    (length) => work('%41'.repeat(length / 3), 'application/x-www-form-urlencoded'),
  ],
  ['base64', (length) => work(withAttribute('data_base64', `${'A'.repeat(length)}=`))],
  ['a source', (length) => work(withAttribute('source', `${'a%20'.repeat(length / 4)}%`))],
  ['a time', (length) => work(withAttribute('time', `2026-01-31T12:00:00.${'1'.repeat(length)}`))],
  ['a content type of spaces', (length) => work('1', `application/json${' '.repeat(length)}x`)],
  ['a content type of semicolons', (length) => work('1', `application/json${'; '.repeat(length / 2)}x`)],
  ['a content type of open quotes', (length) => work('1', `application/json${';a="\\"'.repeat(length / 6)}`)],
  ['a header of quotes', (length) => work('1', JSON_TYPE, { 'ce-id': '"a" '.repeat(length / 4) })],
  [
    'a header of percent signs',
    (length) => work('1', JSON_TYPE, { 'ce-id': `${'%41'.repeat(length / 3)}%` }),
  ],
  ['attributes', (length) => work('1', JSON_TYPE, manyAttributes(length / 10))],
];

function withAttribute(name: string, value: string): string {
  return JSON.stringify({ specversion: '1.0', id: '1', source: '/a', type: 't', [name]: value });
}

function manyAttributes(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`ce-a${index}`, 'x%']));
}

/** Measure the least processor time of several runs: other processes of a busy machine do not count. */
function leastCpuMilliseconds(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

describe('work', () => {
  const SMALL = 30_000;
  const TIMES_LARGER = 8;

  it.each(FAMILIES)('on %s grows with their length, and not with its square', (_name, decodeOfLength) => {
    decodeOfLength(SMALL);
    const small = leastCpuMilliseconds(() => decodeOfLength(SMALL));
    const large = leastCpuMilliseconds(() => decodeOfLength(SMALL * TIMES_LARGER));
    // Linear is 8 times, quadratic 64. Below a millisecond the clock is too coarse, and the work too small to matter.
    expect(large).toBeLessThan(Math.max(small, 1) * 32);
  });
});
