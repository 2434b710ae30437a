/** Parse a configuration once: for its model, for what the model refuses, and for the parts that are valid anyway. */
import type { z } from 'zod';
import { configurationModel, type Configuration } from './configuration-model.ts';
import { withoutBrokenParts, type Valid } from './valid-parts.ts';

export interface ParsedConfiguration {
  /** Null when the model refuses any part of it. */
  readonly configuration: Configuration | null;
  readonly issues: readonly z.core.$ZodIssue[];
  /** Null when it is not even a map. */
  readonly valid: Valid<Configuration> | null;
}

export function parseConfiguration(written: unknown): ParsedConfiguration {
  let valid: Valid<Configuration> | null = null;
  // `when` is called whatever was refused, with all that was parsed nevertheless.
  const model = configurationModel.refine(() => true, {
    when: ({ value, issues }) => {
      valid = withoutBrokenParts(value, issues) as Valid<Configuration> | null;
      return false;
    },
  });
  const parsed = model.safeParse(written);
  return parsed.success
    ? { configuration: parsed.data, issues: [], valid }
    : { configuration: null, issues: parsed.error.issues, valid };
}
