import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStructuredCloudEvent } from '../../../lib/event/cloudevents-json.ts';
import { NO_JSON_LIMITS } from '../../../lib/event/json-value.ts';
import {
  readStoredEvent,
  storedBytes,
  StoredEventError,
  storeEvent,
} from '../../../lib/event/stored-event.ts';
import { arbitraryEvent } from '../../support/builders/arbitrary-event.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { jsonData, makeEvent } from '../../support/builders/make-event.ts';

describe('a stored event', () => {
  it('is the same event when it is read, whatever event it is', () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        expect(readStoredEvent(storeEvent(event))).toEqual(event);
      }),
    );
  });

  it('survives being bytes in between', () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const bytes = Buffer.from(storeEvent(event));
        expect(readStoredEvent(bytes.toString())).toEqual(event);
        expect(storedBytes(event)).toBeGreaterThan(bytes.length);
      }),
    );
  });

  it('has the value that the decoder read out of a whole CloudEvent', () => {
    fc.assert(
      fc.property(jsonText, (data) => {
        const json = `{"specversion":"1.0","id":"1","source":"/a","type":"b","data": ${data} }`;
        const reading = parseStructuredCloudEvent(json, NO_JSON_LIMITS, makeEvent().origin);
        if (reading.kind === 'rejected') throw new Error(reading.rejection.detail);
        expect(readStoredEvent(storeEvent(reading.event))).toEqual(reading.event);
      }),
    );
  });

  it('keeps the text of its data byte for byte, and integers beyond 2^53 as they are', () => {
    const data = jsonData('{ "b": 12345678901234567890, "a": 1.50, "c": "\\u00e9\\n", "a": [ ] }');
    const stored = storeEvent(makeEvent({ data }));

    expect(stored.endsWith('{ "b": 12345678901234567890, "a": 1.50, "c": "\\u00e9\\n", "a": [ ] }')).toBe(
      true,
    );
    expect(readStoredEvent(stored).data).toMatchObject({ value: { b: 12_345_678_901_234_567_890n } });
  });

  it.each([
    ['without a first line', '{"format":1}', 'no first line'],
    ['whose first line is not JSON', '{"format":1\n{}', 'is not JSON'],
    ['of another format', '{"format":2}\n{}', 'is of format 2'],
    ['whose data are not JSON', '{"format":1,"dataKind":"json"}\n{', 'This is not JSON'],
  ])('is refused %s', (_what, text, message) => {
    expect(() => readStoredEvent(text)).toThrow(StoredEventError);
    expect(() => readStoredEvent(text)).toThrow(message);
  });
});
