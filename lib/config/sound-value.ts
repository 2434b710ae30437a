/** One part of a configuration, read on its own. */
import type { z } from 'zod';

/** Null for what is absent or broken, which the model reports. */
export function readSound<Model extends z.ZodType>(model: Model, value: unknown): z.output<Model> | null {
  const parsed = model.safeParse(value);
  return parsed.success ? parsed.data : null;
}
