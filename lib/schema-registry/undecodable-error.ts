/** The bytes cannot be decoded with their schema. `message` holds nothing of them. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
  readonly code: 'schema-mismatch' | 'too-large';

  constructor(message: string, code: UndecodableError['code'] = 'schema-mismatch') {
    super(message);
    this.code = code;
  }
}
