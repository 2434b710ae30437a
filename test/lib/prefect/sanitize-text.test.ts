import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printableText } from '../../../lib/prefect/sanitize-text.ts';

describe('printableText', () => {
  test('is one well-formed line within its length, whatever it is made of', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, maxLength) => {
        const printable = printableText(text, maxLength);
        expect(printable.length).toBeLessThanOrEqual(maxLength);
        expect(printable.isWellFormed()).toBe(true);
        expect(printable).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('leaves a line that fits as it is', () => {
    expect(printableText('Größe 😀, <b>', 20)).toBe('Größe 😀, <b>');
  });

  test('replaces invalid characters, and never cuts one in half', () => {
    expect(printableText('a\0\r\n\tb\ud800', 20)).toBe('a b\ufffd');
    expect(printableText('ab😀cd', 4)).toBe('ab…');
  });
});
