/** Writes sluice.schema.json, which editors complete sluice.yaml from. */
import { writeFileSync } from 'node:fs';
import { configurationJsonSchemaText } from '../lib/config/json-schema.ts';

writeFileSync(new URL('../sluice.schema.json', import.meta.url), configurationJsonSchemaText());
