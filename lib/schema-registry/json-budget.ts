import { UndecodableError } from './undecodable-error.ts';

/** The largest `limits.maxEventBytes`: no source takes more. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/**
 * Bounds the JSON of one value while it is written. A few bytes can stand for any amount of text: names of fields,
 * defaults and symbols are in the schema.
 */
export class JsonBudget {
  #left = MAX_JSON_BYTES;

  /** Count text that comes from the schema; text that comes from the value is bounded by its size. */
  spend(characters: number): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    throw new UndecodableError(`it becomes more than ${MAX_JSON_BYTES} bytes of JSON`, 'too-large');
  }
}
