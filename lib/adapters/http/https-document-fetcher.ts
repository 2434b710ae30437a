import type { Clock, DocumentSource } from '../../ports.ts';
import { DocumentUnavailableError } from '../../unavailable-error.ts';
import type { HttpClient } from './http-client.ts';

export interface HttpsDocumentSourceOptions {
  readonly exchange: HttpClient;
  readonly clock: Clock;
  /** How long a document is used before it is fetched again. */
  readonly maxAgeMs?: number;
  /** How long after one fetch a `refresh` is answered from the cache: unknown key ids cost nothing then. */
  readonly minRefreshIntervalMs?: number;
  /** URLs that strangers name are fetched at most so often, all together. */
  readonly maxFetchesPerMinute?: number;
  readonly timeoutMs?: number;
}

interface CachedDocument {
  readonly text: string;
  readonly fetchedAtEpochMs: number;
}

/** A set of keys or a certificate is a few KiB. */
const MAX_DOCUMENT_BYTES = 65_536;

/** The issuer of one source, and the certificates that SNS changes between. */
const MAX_DOCUMENTS = 16;

/** HTTPS behind a small cache, with one fetch at a time for each document. Redirects are not followed. */
export class HttpsDocumentSource implements DocumentSource {
  readonly #exchange: HttpClient;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #minRefreshIntervalMs: number;
  readonly #maxFetchesPerMinute: number;
  readonly #timeoutMs: number;
  readonly #cached = new Map<string, CachedDocument>();
  readonly #inFlight = new Map<string, Promise<string>>();
  #fetchTimesEpochMs: readonly number[] = [];

  constructor(options: HttpsDocumentSourceOptions) {
    this.#exchange = options.exchange;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs ?? 3_600_000;
    this.#minRefreshIntervalMs = options.minRefreshIntervalMs ?? 30_000;
    this.#maxFetchesPerMinute = options.maxFetchesPerMinute ?? 30;
    this.#timeoutMs = options.timeoutMs ?? 3_000;
  }

  /**
   * While the server is unavailable, a document that was read before is used on.
   * @throws DocumentUnavailableError
   */
  async readDocument(url: string, refresh: boolean): Promise<string> {
    const cached = this.#cached.get(url);
    const maxAgeMs = refresh ? this.#minRefreshIntervalMs : this.#maxAgeMs;
    if (cached !== undefined && this.#clock.nowEpochMs() - cached.fetchedAtEpochMs < maxAgeMs) {
      return cached.text;
    }
    try {
      return await this.#fetchOnce(url);
    } catch (error) {
      if (cached !== undefined && error instanceof DocumentUnavailableError && error.retryable) {
        // Counts as a fetch, or else every request of a busy endpoint would ask again.
        this.#remember(url, cached.text);
        return cached.text;
      }
      throw error;
    }
  }

  /** @throws DocumentUnavailableError */
  async visit(url: string): Promise<void> {
    await this.#get(url);
  }

  #fetchOnce(url: string): Promise<string> {
    const inFlight = this.#inFlight.get(url);
    if (inFlight !== undefined) return inFlight;
    const fetching = this.#fetch(url).finally(() => this.#inFlight.delete(url));
    this.#inFlight.set(url, fetching);
    return fetching;
  }

  async #fetch(url: string): Promise<string> {
    const text = await this.#get(url);
    this.#remember(url, text);
    return text;
  }

  #remember(url: string, text: string): void {
    this.#cached.delete(url);
    this.#cached.set(url, { text, fetchedAtEpochMs: this.#clock.nowEpochMs() });
    const [oldest] = this.#cached.keys();
    if (this.#cached.size > MAX_DOCUMENTS && oldest !== undefined) this.#cached.delete(oldest);
  }

  async #get(url: string): Promise<string> {
    this.#countFetch(url);
    const answer = await this.#exchange.request({
      method: 'GET',
      url: new URL(url),
      headers: { accept: '*/*' },
      body: null,
      signal: AbortSignal.timeout(this.#timeoutMs),
      maxAnswerBytes: MAX_DOCUMENT_BYTES,
    });
    if (answer.kind === 'unanswered') {
      throw new DocumentUnavailableError({ url, detail: answer.detail, retryable: true });
    }
    const { status, body } = answer;
    if (status >= 200 && status < 300) return body;
    const retryable = status === 408 || status === 429 || status >= 500;
    throw new DocumentUnavailableError({ url, detail: `it was answered ${status}`, retryable });
  }

  #countFetch(url: string): void {
    const nowEpochMs = this.#clock.nowEpochMs();
    const recent = this.#fetchTimesEpochMs.filter((time) => nowEpochMs - time < 60_000);
    if (recent.length >= this.#maxFetchesPerMinute) {
      const detail = `${recent.length} documents were fetched within a minute, which is the limit`;
      throw new DocumentUnavailableError({ url, detail, retryable: true });
    }
    this.#fetchTimesEpochMs = [...recent, nowEpochMs];
  }
}
