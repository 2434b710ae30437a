/** Secrets work as providers and command lines display them, and signatures as providers write them. */
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacKeys, publicKeys, type HmacKeyText } from '../../../lib/verification/signature-key.ts';

const BODY = Buffer.from('{"a":1}');
const KEY = Buffer.from('8f3c1a5e9b7d2460f1e2d3c4b5a69788', 'hex');
const BASE64 = KEY.toString('base64');
const BASE64URL = KEY.toString('base64url');

function verifies(text: string, keyText: HmacKeyText): boolean {
  const key = hmacKeys({ digest: 'sha256', encoding: 'base64', keyText }).keyOf(text);
  if (key === null) return false;
  return key.verifies([BODY], [createHmac('sha256', KEY).update(BODY).digest('base64')]);
}

describe('a secret for signatures', () => {
  it.each([
    ['as Standard Webhooks shows it', `whsec_${BASE64}`, 'whsec'],
    ['as Supabase shows it, with the version in front', `v1,whsec_${BASE64}`, 'whsec'],
    ['without its prefix', BASE64, 'whsec'],
    ['without padding', `whsec_${BASE64.replaceAll('=', '')}`, 'whsec'],
    ['in the URL-safe alphabet', `whsec_${BASE64URL}`, 'whsec'],
    ['in Base64', BASE64, 'base64'],
    ['in URL-safe Base64 without padding', BASE64URL, 'base64'],
    ['in hexadecimal digits', KEY.toString('hex'), 'hex'],
    ['in upper-case hexadecimal digits', KEY.toString('hex').toUpperCase(), 'hex'],
  ] as const)('verifies %s', (_name, text, keyText) => {
    expect(verifies(text, keyText)).toBe(true);
  });

  it.each([
    ['a mixture of both alphabets', `${BASE64.slice(0, 8)}+_${BASE64.slice(10)}`],
    ['too much padding', `${BASE64}=`],
    ['an empty key', 'whsec_'],
    ['another version', `v2,whsec_${BASE64}`],
    ['a blank in it', `whsec_ ${BASE64}`],
  ])('is unusable with %s', (_name, text) => {
    expect(hmacKeys({ digest: 'sha256', encoding: 'base64', keyText: 'whsec' }).keyOf(text)).toBeNull();
  });

  it('means the same bytes in either alphabet, with and without padding, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        const key = Buffer.from(bytes);
        const expected = createHmac('sha256', key).update(BODY).digest('hex');
        const texts = [
          key.toString('base64'),
          key.toString('base64').replaceAll('=', ''),
          key.toString('base64url'),
        ];
        const keys = hmacKeys({ digest: 'sha256', encoding: 'hex', keyText: 'base64' });
        expect(texts.map((text) => keys.keyOf(text)?.verifies([BODY], [expected]))).toEqual([
          true,
          true,
          true,
        ]);
      }),
    );
  });
});

describe('a signature in hexadecimal digits', () => {
  it('is compared as bytes: upper-case digits are the same', () => {
    const key = hmacKeys({ digest: 'sha256', encoding: 'hex', keyText: 'utf8' }).keyOf('secret');
    const signature = createHmac('sha256', 'secret').update(BODY).digest('hex');
    expect(key?.verifies([BODY], [signature.toUpperCase()])).toBe(true);
    expect(key?.verifies([BODY], [`0${signature.slice(1).toUpperCase()}x`])).toBe(false);
  });
});

describe('a public key', () => {
  it('of Ed25519 is read with its prefix and version, in either alphabet', () => {
    const x = Buffer.alloc(32, 7);
    const keys = publicKeys({ algorithm: 'ed25519', encoding: 'base64' });
    for (const text of [
      x.toString('base64'),
      `whpk_${x.toString('base64')}`,
      `v1a,whpk_${x.toString('base64url')}`,
    ]) {
      expect(keys.keyOf(text)).not.toBeNull();
    }
  });
});
