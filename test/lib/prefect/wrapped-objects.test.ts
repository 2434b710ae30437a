import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsTemplateMarker } from '../../../lib/event/template-marker.ts';
import { hasTemplateMarker, wrapMarkedObjects, wrapText } from '../../../lib/prefect/wrapped-objects.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { readReference } from '../../support/parts/read-reference.ts';

const noObject = (): undefined => undefined;

/** Every character that can be is written as an escape, as some encoders do for all but ASCII. */
function escapeEverything(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (quoted) => {
    const text = String(JSON.parse(quoted));
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
  });
}

describe('wrapMarkedObjects', () => {
  it('leaves nothing that Prefect interprets in any JSON, and the reader gives back what was sent', () => {
    fc.assert(
      fc.property(jsonText, fc.boolean(), (text, escaped) => {
        const value: unknown = JSON.parse(text);
        const wrapped: unknown = JSON.parse(wrapMarkedObjects(escaped ? escapeEverything(text) : text));
        expect(holdsTemplateMarker(wrapped)).toBe(false);
        expect(readReference(wrapped, noObject)).toEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('sends the object that is marked as the text that it was, and the rest untouched', () => {
    const text =
      '[{"id":12345678901234567890}, { "c" : {"$ref": "customers", "n": 1.10, "in":{"$ref":1}}, "d":1 }]';
    expect(wrapMarkedObjects(text)).toBe(
      '[{"id":12345678901234567890}, { "c" : {"$sluice":"json","value":' +
        '"{\\"$ref\\": \\"customers\\", \\"n\\": 1.10, \\"in\\":{\\"$ref\\":1}}"}, "d":1 }]',
    );
  });

  it('wraps the outermost object when its own key comes after a marked object inside', () => {
    const text = '{"a":[{"$ref":1}],"$ref":2}';
    expect(wrapMarkedObjects(text)).toBe(`{"$sluice":"json","value":${JSON.stringify(text)}}`);
  });

  it('leaves texts and names alone that only mention a marker', () => {
    const text = '{"a":"$ref","b":["__prefect_kind","{\\"$ref\\":1}"],"x$ref":1,"$reference":2}';
    expect(wrapMarkedObjects(text)).toBe(text);
  });

  it('takes time in proportion to the length of the text', () => {
    const depth = 200;
    const nested = `${'{"$ref":['.repeat(depth)}1${']}'.repeat(depth)}`;
    const text = `[${Array.from({ length: 2_000 }, () => nested).join(',')}]`;
    const startedAt = performance.now();
    expect(JSON.parse(wrapMarkedObjects(text))).toHaveLength(2_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('wrapText', () => {
  it.each(['{"$sluice":"s3","bucket":"b"}', '{"$sluice":"json","value":"1"}', '{"$sluice":'])(
    'keeps a text that looks like a reference from being read as one: %s',
    (text) => {
      expect(readReference(wrapText(text), noObject)).toBe(text);
    },
  );

  it('leaves every other text as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.startsWith('{"$sluice":'));
        expect(wrapText(text)).toBe(text);
      }),
    );
  });
});

describe('hasTemplateMarker', () => {
  it('agrees with a look at the parsed value, for any JSON', () => {
    fc.assert(
      fc.property(jsonText, fc.boolean(), (text, escaped) => {
        const given = escaped ? escapeEverything(text) : text;
        expect(hasTemplateMarker(given)).toBe(holdsTemplateMarker(JSON.parse(text)));
      }),
      { numRuns: 1_000 },
    );
  });
});
