import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../lib/event/json-scan.ts';
import { jsonText } from '../../support/builders/json-text.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, child) => sum + keysOf(child), own);
}

/** The same JSON with white space wherever it may stand. */
const spacedJson = fc.tuple(jsonText, fc.constantFrom('', ' ', '\n\t', '\r\n  ')).map(([text, space]) => {
  const parts = text.split(/("(?:[^"\\]|\\.)*")/s);
  return parts
    .map((part, nth) => (nth % 2 === 1 ? part : part.replaceAll(/[[\]{},:]/g, `${space}$&${space}`)))
    .join('');
});

describe('scanJson', () => {
  it('counts depth and keys of any JSON as a walk over its value does', () => {
    fc.assert(
      fc.property(spacedJson, (text) => {
        const value: unknown = JSON.parse(text);
        const { depth, keys } = scanJson(text, { members: false });
        expect({ depth, keys }).toEqual({ depth: depthOf(value), keys: keysOf(value) });
      }),
    );
  });

  it('finds the top-level members of any JSON, each as it is written', () => {
    fc.assert(
      fc.property(spacedJson, (text) => {
        const value: unknown = JSON.parse(text);
        const { members, rootMembers } = scanJson(text, { members: true });
        expect(rootMembers).toBe(Math.max(members.length, 1));
        const values = members.map((member): unknown => JSON.parse(member.text));
        const isContainer = typeof value === 'object' && value !== null;
        expect(values).toEqual(isContainer ? memberValues(value, members) : []);
        for (const member of members) expect(text).toContain(member.text);
      }),
    );
  });

  /** `Object.values` sorts names that look like integers first; the text has an order of its own. */
  function memberValues(value: object, members: readonly { readonly rawKey: string }[]): unknown[] {
    if (Array.isArray(value)) return value;
    const byName = new Map<string, unknown>(Object.entries(value));
    expect(members).toHaveLength(byName.size);
    return members.map(({ rawKey }) => byName.get(String(JSON.parse(rawKey))));
  }

  it('ends for any text, JSON or not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0 1e')), maxLength: 200 }),
        (text) => {
          expect(scanJson(text, { members: true }).depth).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('needs no stack for a million levels', () => {
    expect(scanJson('['.repeat(1_000_000), { members: true }).depth).toBe(1_000_000);
  });

  it.each([
    ['123456789012345', false],
    ['1234567890123456', true],
    ['-1234567890123456', true],
    ['1e5', true],
    ['1E400', true],
    ['0.1234567890123456', true],
    ['"1234567890123456"', false],
    ['[1,22,333]', false],
  ])('says of %s whether a number may lose digits: %s', (text, expected) => {
    expect(scanJson(text, { members: false }).hasUnusualNumber).toBe(expected);
  });

  it.each([
    [String.raw`"\u0041"`, true],
    [String.raw`"\\u0041"`, false],
    [String.raw`{"\u0041":1}`, true],
    [String.raw`"\n"`, false],
  ])('says of %s whether it holds a unicode escape: %s', (text, expected) => {
    expect(scanJson(text, { members: false }).hasUnicodeEscape).toBe(expected);
  });
});
