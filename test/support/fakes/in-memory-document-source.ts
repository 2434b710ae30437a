import type { DocumentSource } from '../../../lib/ports.ts';
import { DocumentUnavailableError } from '../../../lib/unavailable-error.ts';

/** Documents of which an old text is cached until a refresh. Nothing is at any other URL. */
export class InMemoryDocumentSource implements DocumentSource {
  readonly reads: { readonly url: string; readonly refresh: boolean }[] = [];
  readonly visits: string[] = [];
  isAvailable = true;
  readonly #current: Map<string, string>;
  readonly #cached = new Map<string, string>();

  constructor(documents: Readonly<Record<string, string>> = {}) {
    this.#current = new Map(Object.entries(documents));
  }

  /** The new text is seen by a refresh only. */
  replace(url: string, text: string): void {
    const before = this.#current.get(url);
    if (before !== undefined && !this.#cached.has(url)) this.#cached.set(url, before);
    this.#current.set(url, text);
  }

  async readDocument(url: string, refresh: boolean): Promise<string> {
    this.reads.push({ url, refresh });
    if (refresh) this.#cached.delete(url);
    const text = this.#cached.get(url) ?? this.#current.get(url);
    if (this.isAvailable && text !== undefined) return text;
    throw new DocumentUnavailableError({ url, detail: 'it is not there', retryable: !this.isAvailable });
  }

  async visit(url: string): Promise<void> {
    this.visits.push(url);
    if (!this.isAvailable) {
      throw new DocumentUnavailableError({ url, detail: 'nobody answers', retryable: true });
    }
  }
}
