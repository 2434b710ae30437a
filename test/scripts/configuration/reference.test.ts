import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES } from '../../../lib/config/issues/problem-codes.ts';
import { configurationReference } from '../../../scripts/configuration/reference.ts';

describe('docs/configuration.md', () => {
  it('is fresh: `npm run generate` writes it', () => {
    const committed = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(committed).toBe(configurationReference());
  });

  it('shows each problem with the message that it has', () => {
    const lines = configurationReference().split('\n');
    for (const code of Object.keys(PROBLEM_CODES)) {
      const line = lines.find((candidate) => candidate.startsWith(`| \`${code}\` |`));
      expect(line, code).toContain(code);
      expect(line, code).toContain(' — ');
    }
  });

  it('says of every field what it means', () => {
    expect(configurationReference()).not.toMatch(/\| {2}\|$/m);
  });
});
