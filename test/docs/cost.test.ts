import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCostTables } from '../../scripts/cost/cost-tables.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';

const page = readFileSync(join(projectFolder, 'docs/cost.md'), 'utf8');

describe('docs/cost.md', () => {
  it('has the tables that the command computes today', () => {
    expect(withCostTables(page), 'run npm run generate').toBe(page);
  });

  it('has an entry for every option of the command', () => {
    const command = readFileSync(join(projectFolder, 'cli/sluice.ts'), 'utf8');
    const [, definition = ''] = /\.command\('cost'\)(.*?)\.action\(/s.exec(command) ?? [];
    const options = [...definition.matchAll(/'(--[a-z-]+)/g)].map(([, option = '']) => option);
    expect(options).toContain('--event-size');
    for (const option of options) expect(page).toContain(`\`${option}`);
  });
});
