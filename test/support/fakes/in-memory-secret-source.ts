import type { SecretSource } from '../../../lib/ports.ts';
import { SecretUnavailableError } from '../../../lib/unavailable-error.ts';

/** Secrets of which an old text is cached until a refresh, as after a rotation. */
export class InMemorySecretSource implements SecretSource {
  readonly reads: { readonly secretId: string; readonly refresh: boolean }[] = [];
  readonly #current = new Map<string, string>();
  readonly #cached = new Map<string, string>();

  constructor(secrets: Readonly<Record<string, string>>) {
    for (const [secretId, text] of Object.entries(secrets)) this.#current.set(secretId, text);
  }

  /** The new text is seen by a refresh only. */
  rotate(secretId: string, text: string): void {
    const before = this.#current.get(secretId);
    if (before !== undefined && !this.#cached.has(secretId)) this.#cached.set(secretId, before);
    this.#current.set(secretId, text);
  }

  async readSecret(secretId: string, refresh: boolean): Promise<string> {
    this.reads.push({ secretId, refresh });
    if (refresh) this.#cached.delete(secretId);
    const text = this.#cached.get(secretId) ?? this.#current.get(secretId);
    if (text === undefined) {
      throw new SecretUnavailableError({ secretId, detail: 'it does not exist', retryable: false });
    }
    return text;
  }
}
