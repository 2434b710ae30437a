/** Maps of the model: strict, and able to say which fields they know. */
import { z } from 'zod';

/** The message of an unknown-field issue is the list of known fields, for the problem's fix. */
export function strictMap<Shape extends z.ZodRawShape>(shape: Shape, description: string) {
  return z
    .strictObject(shape, {
      error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
    })
    .describe(description);
}
