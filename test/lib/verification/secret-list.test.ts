import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSecretList, type SecretKind } from '../../../lib/verification/secret-list.ts';
import { hmacKeys, publicKeys } from '../../../lib/verification/signature-key.ts';
import { TOKEN, USER_AND_PASSWORD } from '../../../lib/verification/token.ts';

/** Shows the values themselves. */
const PLAIN: SecretKind<string> = {
  noun: 'token',
  shape: 'visible ASCII characters',
  maxSecrets: 3,
  keyOf: (value) => (TOKEN.keyOf(value) === null ? null : value),
};

const HMAC = { digest: 'sha256', encoding: 'hex' } as const;
const KINDS: Readonly<Record<string, SecretKind<unknown>>> = {
  'token': TOKEN,
  'user and password': USER_AND_PASSWORD,
  'text key': hmacKeys({ ...HMAC, keyText: 'utf8' }),
  'hex key': hmacKeys({ ...HMAC, keyText: 'hex' }),
  'Base64 key': hmacKeys({ ...HMAC, keyText: 'base64' }),
  'whsec key': hmacKeys({ ...HMAC, keyText: 'whsec' }),
  'Ed25519 key': publicKeys({ algorithm: 'ed25519', encoding: 'base64' }),
  'Ed25519 key in hex': publicKeys({ algorithm: 'ed25519', encoding: 'hex' }),
  'P-256 key': publicKeys({ algorithm: 'ecdsa-p256', encoding: 'base64' }),
};

describe('readSecretList', () => {
  it('never throws, and never gives a token that is empty or cannot be sent in a header', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('', ' ', '[]', '[{"id":"a","value":""}]')),
        (text) => {
          const list = readSecretList(text, PLAIN);
          const values = list.kind === 'secrets' ? list.secrets.map(({ key }) => key) : [];
          for (const value of values) expect(value).toMatch(/^[\x21-\x7e]+$/);
          expect(['secrets', 'unusable']).toContain(list.kind);
        },
      ),
    );
  });

  it.each(Object.entries(KINDS))(
    'reads any text as a %s, or says what is wrong, and never throws',
    (_, kind) => {
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'grapheme' })), (text) => {
          const list = readSecretList(text, kind);
          expect(list.kind === 'secrets' || list.detail.length > 0).toBe(true);
        }),
      );
    },
  );

  it.each(
    Object.entries(KINDS).flatMap(([name, kind]) =>
      ['', ' ', '\n', 'whsec_', 'whpk_', '[{"id":"a","value":""}]', '[{"id":"a","value":"whsec_"}]'].flatMap(
        // Where secrets have no such prefix, these are secrets like any other.
        (text) =>
          (kind === TOKEN && text.includes('wh')) || (name === 'text key' && text === 'whpk_')
            ? []
            : [[name, text, kind] as const],
      ),
    ),
  )('takes no empty %s: %j', (_name, text, kind) => {
    expect(readSecretList(text, kind)).toMatchObject({ kind: 'unusable' });
  });

  it('takes a plain token, and a line break that came along with it', () => {
    expect(readSecretList('s3cret\n', PLAIN)).toMatchObject({
      kind: 'secrets',
      secrets: [{ id: 'token', key: 's3cret' }],
    });
  });

  it('takes a list of tokens with their times', () => {
    const text = JSON.stringify([
      { id: 'old', value: 'a', notAfter: '2026-02-01T00:00:00Z' },
      { id: 'new', value: 'b', notBefore: '2026-01-01T00:00:00+01:00', notAfter: null },
    ]);
    expect(readSecretList(text, PLAIN)).toEqual({
      kind: 'secrets',
      secrets: [
        { id: 'old', key: 'a', notBeforeEpochMs: -Infinity, notAfterEpochMs: Date.UTC(2026, 1, 1) },
        { id: 'new', key: 'b', notBeforeEpochMs: Date.UTC(2025, 11, 31, 23), notAfterEpochMs: Infinity },
      ],
    });
  });

  it.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['{"token":"hunter2"}', 'it is a JSON object; store the plain token, or a list of {"id", "value"}'],
    ['hunter 2', 'the token is not made of visible ASCII characters'],
    ['hünter2', 'the token is not made of visible ASCII characters'],
    ['[hunter2', 'it starts like a JSON list and is none'],
    ['[]', 'its list is empty'],
    ['["hunter2"]', 'item 0 of its list is not an object with "id" and "value"'],
    ['[{"value":"hunter2"}]', 'item 0 of its list has no "id"'],
    [
      '[{"id":"a","value":"b"},{"id":"hunter2"}]',
      'item 1 of its list has no "value" of visible ASCII characters',
    ],
    ['[{"id":"a","value":""}]', 'item 0 of its list has no "value" of visible ASCII characters'],
    [
      '[{"id":"a","value":"hunter2","notAfter":"soon"}]',
      'item 0 of its list has a "notBefore" or "notAfter" that is not a timestamp such as 2026-01-31T12:00:00Z',
    ],
    [
      '[{"id":"a","value":"hunter2","notBefore":5}]',
      'item 0 of its list has a "notBefore" or "notAfter" that is not a timestamp such as 2026-01-31T12:00:00Z',
    ],
    [
      JSON.stringify(Array(4).fill({ id: 'a', value: 'hunter2' })),
      'its list has 4 items, and 3 are allowed; remove old ones',
    ],
  ])('says of %j: %s', (text, detail) => {
    expect(readSecretList(text, PLAIN)).toEqual({ kind: 'unusable', detail });
    expect(detail).not.toContain('hunter');
  });
});
