import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTokenSecret } from '../../../lib/verification/token-secret.ts';

describe('readTokenSecret', () => {
  it('never throws, and never gives a token that is empty or cannot be sent in a header', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('', ' ', '[]', '[{"id":"a","value":""}]')),
        (text) => {
          const secret = readTokenSecret(text);
          const values = secret.kind === 'tokens' ? secret.tokens.map(({ value }) => value) : [];
          for (const value of values) expect(value).toMatch(/^[\x21-\x7e]+$/);
        },
      ),
    );
  });

  it('takes a plain token, and a line break that came along with it', () => {
    expect(readTokenSecret('s3cret\n')).toMatchObject({ kind: 'tokens', tokens: [{ value: 's3cret' }] });
  });

  it('takes a list of tokens with their times', () => {
    const text = JSON.stringify([
      { id: 'old', value: 'a', notAfter: '2026-02-01T00:00:00Z' },
      { id: 'new', value: 'b', notBefore: '2026-01-01T00:00:00+01:00', notAfter: null },
    ]);
    expect(readTokenSecret(text)).toEqual({
      kind: 'tokens',
      tokens: [
        { id: 'old', value: 'a', notBeforeEpochMs: -Infinity, notAfterEpochMs: Date.UTC(2026, 1, 1) },
        { id: 'new', value: 'b', notBeforeEpochMs: Date.UTC(2025, 11, 31, 23), notAfterEpochMs: Infinity },
      ],
    });
  });

  it.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['{"token":"hunter2"}', 'it is a JSON object; store the plain token, or a list of {"id", "value"}'],
    ['hunter 2', 'the token holds spaces or non-ASCII characters'],
    ['hünter2', 'the token holds spaces or non-ASCII characters'],
    ['[hunter2', 'it starts like a JSON list and is none'],
    ['[]', 'its list of tokens is empty'],
    ['["hunter2"]', 'item 0 of its list is not an object with "id" and "value"'],
    ['[{"value":"hunter2"}]', 'item 0 of its list has no "id"'],
    [
      '[{"id":"a","value":"b"},{"id":"hunter2"}]',
      'item 1 of its list has no "value" of visible ASCII characters',
    ],
    ['[{"id":"a","value":""}]', 'item 0 of its list has no "value" of visible ASCII characters'],
    [
      '[{"id":"a","value":"hunter2","notAfter":"soon"}]',
      'item 0 of its list has a "notBefore" or "notAfter" that is no timestamp such as 2026-01-31T12:00:00Z',
    ],
    [
      '[{"id":"a","value":"hunter2","notBefore":5}]',
      'item 0 of its list has a "notBefore" or "notAfter" that is no timestamp such as 2026-01-31T12:00:00Z',
    ],
  ])('says of %j: %s', (text, detail) => {
    expect(readTokenSecret(text)).toEqual({ kind: 'unusable', detail });
    expect(detail).not.toContain('hunter');
  });
});
