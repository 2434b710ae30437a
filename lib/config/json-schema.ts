/** The JSON Schema of the configuration, for editors: generated from the model, never written by hand. */
import { z } from 'zod';
import { configurationModel } from './configuration-model.ts';

/** Return the schema in draft 7, which the YAML language server reads. */
export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configurationModel, {
    target: 'draft-07',
    io: 'input',
    // A scalar reads its value itself; its JSON Schema comes from its metadata.
    unrepresentable: 'any',
  });
  return { title: 'Sluice', ...schema };
}

/** Return the text of sluice.schema.json. */
export function configurationJsonSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
}
