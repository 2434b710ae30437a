import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countedSize, MAX_COUNTED_SIZE, renderParameters } from '../../../lib/prefect/parameters.ts';
import { jsonText } from '../../support/builders/json-text.ts';

describe('renderParameters', () => {
  test('a json parameter is sent as a text of the json kind, and a string parameter is that text', () => {
    fc.assert(
      fc.property(fc.string(), jsonText, (name, text) => {
        fc.pre(
          name !== '__prefect_kind' &&
            !['$ref', '$sluice', '__prefect_kind'].some((key) => text.includes(key)),
        );
        const asJson = renderParameters(new Map([[name, { text, as: 'json' }]]));
        const asString = renderParameters(new Map([[name, { text, as: 'string' }]]));

        expect(asJson).toBe(
          `{${JSON.stringify(name)}:{"__prefect_kind":"json","value":${JSON.stringify(text)}}}`,
        );
        expect(asString).toBe(`{${JSON.stringify(name)}:${JSON.stringify(text)}}`);
      }),
    );
  });

  test('no parameters are an empty object', () => {
    expect(renderParameters(new Map())).toBe('{}');
  });

  test.each(['__prefect_kind', '$ref'])(
    'a parameter whose name would make a template or a reference of all parameters is an error: %s',
    (name) => {
      expect(() => renderParameters(new Map([[name, { text: '1', as: 'json' }]]))).toThrow(
        `a flow parameter cannot be named ${name}, which Prefect interprets; rename it`,
      );
    },
  );
});

describe('countedSize', () => {
  // Bytes that `json.dumps(value, separators=(",", ":"))` of Python 3.11 writes between the quotes.
  test.each([
    ['a', 1],
    ['~', 1],
    ['/', 1],
    ['"', 2],
    ['\\', 2],
    ['\n', 2],
    ['\b', 2],
    ['\f', 2],
    ['\u0000', 6],
    ['\u001f', 6],
    ['\u007f', 6],
    ['\u0080', 6],
    ['é', 6],
    ['€', 6],
    ['\u2028', 6],
    ['\uffff', 6],
    ['😀', 12],
  ])('counts %j inside a text as %i bytes', (text, bytes) => {
    const empty = countedSize(renderParameters(new Map([['p', { text: '', as: 'string' }]])));
    const parametersJson = renderParameters(new Map([['p', { text, as: 'string' }]]));
    expect(countedSize(parametersJson) - empty).toBe(bytes);
  });

  test('is the length in UTF-16 units, and five more for each unit that is not printable ASCII', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const parametersJson = renderParameters(new Map([['p', { text, as: 'json' }]]));
        const escaped = [...Array(parametersJson.length).keys()].filter(
          (index) => parametersJson.charCodeAt(index) > 0x7e,
        );
        expect(countedSize(parametersJson)).toBe(parametersJson.length + 5 * escaped.length);
      }),
    );
  });

  test('the limit is Prefect’s', () => {
    expect(MAX_COUNTED_SIZE).toBe(512 * 1024);
  });
});
