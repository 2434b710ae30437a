import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorizationOf } from '../../../lib/prefect/authorization.ts';

describe('a Prefect secret', () => {
  test('with an API key is a bearer token', () => {
    expect(authorizationOf('{"apiKey": "pnu_abc"}')).toEqual({ kind: 'header', value: 'Bearer pnu_abc' });
  });

  test('with user and password is Basic, the password’s colons included', () => {
    expect(authorizationOf('{"basic": "admin:p:ss"}')).toEqual({
      kind: 'header',
      value: `Basic ${Buffer.from('admin:p:ss').toString('base64')}`,
    });
  });

  test.each([
    ['pnu_abc', 'it is not JSON'],
    ['"pnu_abc"', 'expected {"apiKey"'],
    ['{}', 'expected {"apiKey"'],
    ['{"apiKey": "k", "basic": "u:p"}', 'expected {"apiKey"'],
    ['{"apiKey": ""}', '"apiKey" is empty'],
    ['{"apiKey": "pnu_abc\\n"}', 'line breaks'],
    ['{"basic": "admin"}', '"basic" is not of the form'],
    ['{"basic": "admin:pä"}', 'printable ASCII'],
    ['{"basic": "admin:pass\\n"}', 'printable ASCII'],
  ])('%j is unusable, and the mend is told', (secretText, detail) => {
    expect(authorizationOf(secretText)).toEqual({
      kind: 'unusable',
      detail: expect.stringContaining(detail) as string,
    });
  });

  test('never throws, and never tells itself in its problem', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{6}[A-Z]{6}$/), (password) => {
        for (const secretText of [password, JSON.stringify(password), JSON.stringify({ basic: password })]) {
          const authorization = authorizationOf(secretText);
          expect(authorization.kind).toBe('unusable');
          expect(JSON.stringify(authorization)).not.toContain(password);
        }
      }),
    );
  });
});
