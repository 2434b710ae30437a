/** What becomes of the content of every envelope, at every source, in every format. */
import { describe, expect, it } from 'vitest';
import type {
  CompiledEnvelope,
  CompiledSource,
  SourceFormat,
} from '../../../lib/compiled-config/compiled.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { EventData } from '../../../lib/event/event.ts';
import type { Decoded, ReceivedRecord } from '../../../lib/event/record.ts';
import {
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
} from '../../support/builders/compiled-config.ts';
import {
  eventBridgeEvent,
  s3Notification,
  s3Record,
  snsEnvelope,
} from '../../support/builders/make-envelope.ts';
import { jsonData, textData } from '../../support/builders/make-event.ts';
import {
  makeHttpRecord,
  makeReceivedKafkaRecord,
  makeSqsRecord,
} from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const FORMATS = ['auto', 'json', 'text', 'binary', 'cloudevents'] as const satisfies readonly SourceFormat[];
const CLOUD_EVENT =
  '{"specversion":"1.0","id":"1","source":"/shop","type":"paid","data":{"total":9007199254740993}}';

interface Envelope {
  readonly wrap: (content: string) => string;
  readonly unwrap: readonly CompiledEnvelope[];
  readonly id: string;
}

const SNS_ID = '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324';
const EVENTBRIDGE_ID = '6a7e8feb-b491-4cf7-a9f1-bf3703467718';
const ENVELOPES: Readonly<Record<string, Envelope>> = {
  'SNS': { wrap: (content) => snsEnvelope(content), unwrap: ['sns'], id: SNS_ID },
  'EventBridge': {
    wrap: (content) => eventBridgeEvent(content),
    unwrap: ['eventbridge'],
    id: EVENTBRIDGE_ID,
  },
  'EventBridge in SNS': {
    wrap: (content) => snsEnvelope(eventBridgeEvent(content)),
    unwrap: ['sns', 'eventbridge'],
    id: EVENTBRIDGE_ID,
  },
};

/** A source of each type that reads this format and takes off these envelopes, and what it delivers. */
const SOURCES: Readonly<
  Record<
    string,
    {
      readonly source: (format: SourceFormat, unwrap: readonly CompiledEnvelope[]) => CompiledSource;
      readonly record: (body: string) => ReceivedRecord;
    }
  >
> = {
  'HTTP with JSON': {
    source: (format, unwrap) => makeHttpSource({ format, unwrap }),
    record: (body) => makeHttpRecord({ body, contentType: 'application/json' }),
  },
  'HTTP with text': {
    source: (format, unwrap) => makeHttpSource({ format, unwrap }),
    record: (body) => makeHttpRecord({ body, contentType: 'text/plain; charset=UTF-8' }),
  },
  'HTTP without a content type': {
    source: (format, unwrap) => makeHttpSource({ format, unwrap }),
    record: (body) => makeHttpRecord({ body }),
  },
  'SQS': {
    source: (format, unwrap) => makeSqsSource({ format, unwrap }),
    record: (body) => makeSqsRecord({ body }),
  },
  'Kafka': {
    source: (format, unwrap) => makeKafkaSource({ format, unwrap }),
    record: (body) => makeReceivedKafkaRecord({ value: body }),
  },
  'EventBridge': {
    source: (format, unwrap) => makeEventBridgeSource({ format, unwrap }),
    record: (body) => makeSqsRecord({ body }),
  },
};

const CONTENTS: Readonly<Record<string, string>> = {
  'an object': '{"orderId": "A-1", "total": 1.10, "big": 9007199254740993}',
  'an array': '[1,{"a":2}]',
  'a JSON string': '"paid"',
  'a number': '12',
  'null': 'null',
  'a CloudEvent': CLOUD_EVENT,
  'plain text': 'hello, not JSON',
  'text that starts like JSON': '{"orderId": ',
};

type Expected = { readonly data: EventData; readonly isCloudEvent: boolean } | { readonly code: string };

/** The rule of docs/http.md, written out without the code that follows it. */
function expectedOf(format: SourceFormat, content: string): Expected {
  const isCloudEvent = content === CLOUD_EVENT;
  const isJson = !content.startsWith('hello') && content !== '{"orderId": ';
  switch (format) {
    case 'text':
      return { data: textData(content), isCloudEvent: false };
    case 'binary':
      return {
        data: { kind: 'binary', base64: Buffer.from(content).toString('base64') },
        isCloudEvent: false,
      };
    case 'json':
      return isJson ? { data: jsonData(content), isCloudEvent: false } : { code: 'invalid-json' };
    case 'cloudevents':
      if (isCloudEvent) return { data: jsonData('{"total":9007199254740993}'), isCloudEvent };
      return { code: isJson ? 'invalid-cloudevent' : 'invalid-json' };
    case 'auto':
      if (isCloudEvent) return { data: jsonData('{"total":9007199254740993}'), isCloudEvent };
      return { data: isJson ? jsonData(content) : textData(content), isCloudEvent };
  }
}

function foundIn(decoded: Decoded): unknown {
  if (decoded.kind === 'rejected') return { code: decoded.rejection.code };
  return decoded.events.map(({ id, data }) => ({ id, data }));
}

/** An event bus wraps events once, and a batch of CloudEvents has to be declared. */
const cases = Object.entries(ENVELOPES).flatMap(([envelope, { wrap, unwrap, id }]) =>
  Object.entries(SOURCES)
    .filter(([source]) => source !== 'EventBridge' || envelope === 'EventBridge')
    .flatMap(([source, { source: makeSource, record }]) =>
      FORMATS.flatMap((format) =>
        Object.entries(CONTENTS)
          .filter(([what]) => envelope === 'SNS' || !what.includes('text'))
          .filter(([what]) => format !== 'cloudevents' || what !== 'an array')
          .map(([what, content]) => ({
            title: `${what} in ${envelope} at ${source}, format ${format}`,
            decoded: () => decodeRecord(record(wrap(content)), makeSource(format, unwrap), limits),
            expected: expectedOf(format, content),
            id,
          })),
      ),
    ),
);

describe('the content of an envelope', () => {
  it.each(cases)('is read by its own kind: $title', ({ decoded, expected, id }) => {
    expect(foundIn(decoded())).toEqual(
      'code' in expected ? expected : [{ id: expected.isCloudEvent ? '1' : id, data: expected.data }],
    );
  });

  it.each(
    Object.entries(SOURCES).flatMap(([name, { source, record }]) =>
      name === 'EventBridge' ? [] : FORMATS.map((format) => ({ name, format, source, record })),
    ),
  )('is each record of an S3 notification, at $name in format $format', ({ format, source, record }) => {
    const body = snsEnvelope(s3Notification({}, { key: 'b.csv' }));
    const decoded = decodeRecord(record(body), source(format, ['sns', 's3']), limits);
    const texts = [{}, { key: 'b.csv' }].map((change) => JSON.stringify(s3Record(change)));
    if (format === 'cloudevents') {
      expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-cloudevent' } });
      return;
    }
    const dataOf = { auto: jsonData, json: jsonData, text: textData, binary: toBinary }[format];
    expect(decoded.kind === 'events' ? decoded.events.map(({ data }) => data) : decoded).toEqual(
      texts.map((text) => dataOf(text)),
    );
  });
});

function toBinary(text: string): EventData {
  return { kind: 'binary', base64: Buffer.from(text).toString('base64') };
}
