import type { DocumentSource } from '../../../lib/ports.ts';
import { DocumentUnavailableError } from '../../../lib/unavailable-error.ts';

/** Documents in a map, each cached after its first read until a refresh. */
export class InMemoryDocumentSource implements DocumentSource {
  readonly reads: { readonly url: string; readonly refresh: boolean }[] = [];
  readonly visits: string[] = [];
  isAvailable = true;
  readonly #current: Map<string, string>;
  readonly #cached = new Map<string, string>();
  readonly #isVisitable: (url: string) => boolean;

  /** `isVisitable` decides which URLs answer a visit with 2xx. */
  constructor(
    documents: Readonly<Record<string, string>> = {},
    isVisitable: (url: string) => boolean = () => true,
  ) {
    this.#current = new Map(Object.entries(documents));
    this.#isVisitable = isVisitable;
  }

  /** Publish a new text. A document counts as read before, so that only a refresh returns the new text. */
  replace(url: string, text: string): void {
    const before = this.#current.get(url);
    if (before !== undefined && !this.#cached.has(url)) this.#cached.set(url, before);
    this.#current.set(url, text);
  }

  async readDocument(url: string, refresh: boolean): Promise<string> {
    this.reads.push({ url, refresh });
    const cached = this.#cached.get(url);
    if (cached !== undefined && (!refresh || !this.isAvailable)) return cached;
    if (!this.isAvailable) throw unavailable(url);
    const text = this.#current.get(url);
    if (text === undefined)
      throw new DocumentUnavailableError({ url, detail: 'not found', retryable: false });
    this.#cached.set(url, text);
    return text;
  }

  async visit(url: string): Promise<void> {
    this.visits.push(url);
    if (!this.isAvailable) throw unavailable(url);
    if (this.#isVisitable(url)) return;
    throw new DocumentUnavailableError({ url, detail: 'not found', retryable: false });
  }
}

function unavailable(url: string): DocumentUnavailableError {
  return new DocumentUnavailableError({ url, detail: 'the server does not respond', retryable: true });
}
