/** Writes the documentation that is generated: docs/configuration.md, and the tables of docs/cost.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationReference } from './configuration/reference.ts';
import { withCostTables } from './cost/cost-tables.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationReference());

const costPage = new URL('../docs/cost.md', import.meta.url);
writeFileSync(costPage, withCostTables(readFileSync(costPage, 'utf8')));
