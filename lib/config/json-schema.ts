/** The JSON Schema of the configuration, for editors: generated from the model, never written by hand. */
import { z } from 'zod';
import { configurationModel } from './configuration-model.ts';

/** Draft 7, which the YAML language server reads. */
export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configurationModel, {
    target: 'draft-07',
    io: 'input',
    // A leaf reads its value by itself; its JSON Schema comes from its own metadata.
    unrepresentable: 'any',
  });
  return { title: 'Sluice', ...schema };
}

/** As the file in the repository has it. */
export function configurationJsonSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
}
