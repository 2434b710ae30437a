/** Maps of the model, which refuse unknown fields and list the known ones. */
import { z } from 'zod';

/** Make a strict map. The message of an unknown-field issue is the list of known fields, for the fix of the problem. */
export function strictMap<Shape extends z.ZodRawShape>(shape: Shape, description: string) {
  return z
    .strictObject(shape, {
      error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
    })
    .describe(description);
}
