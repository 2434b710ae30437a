import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationJsonSchema, configurationJsonSchemaText } from '../../../lib/config/json-schema.ts';

/** Each field of each map, with its path. */
function fieldsOf(schema: unknown, path: string): readonly (readonly [string, object])[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]: [string, unknown]) => {
    if (keyword !== 'properties' || typeof value !== 'object' || value === null) {
      return fieldsOf(value, path);
    }
    return Object.entries(value).flatMap(([field, inner]: [string, unknown]) => {
      if (typeof inner !== 'object' || inner === null) return [];
      const innerPath = `${path}.${field}`;
      return [[innerPath, inner] as const, ...fieldsOf(inner, innerPath)];
    });
  });
}

describe('the JSON Schema', () => {
  it('sluice.schema.json is fresh: `npm run generate` writes it', () => {
    const committed = readFileSync(new URL('../../../sluice.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(configurationJsonSchemaText());
  });

  it('the sample references the JSON Schema, so that editors complete it', () => {
    const sample = readFileSync(new URL('../../../sluice.yaml', import.meta.url), 'utf8');
    expect(sample.split('\n')[0]).toBe('# yaml-language-server: $schema=./sluice.schema.json');
  });

  it('the JSON Schema describes every field and its values', () => {
    const fields = fieldsOf(configurationJsonSchema(), '');
    expect(fields.length).toBeGreaterThan(40);
    for (const [path, field] of fields) {
      expect(field, path).toHaveProperty('description');
      expect(
        ['type', 'anyOf', 'oneOf', 'enum', 'const'].some((keyword) => keyword in field),
        path,
      ).toBe(true);
    }
  });

  it('the JSON Schema has only the fields of the model', () => {
    const text = configurationJsonSchemaText();
    const maps = text.match(/"properties": \{/g)?.length ?? 0;
    expect(text.match(/"additionalProperties": false/g)).toHaveLength(maps);
  });
});
