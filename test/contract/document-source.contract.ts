import { describe, expect, it } from 'vitest';
import type { DocumentSource } from '../../lib/ports.ts';
import { DocumentUnavailableError } from '../../lib/unavailable-error.ts';

export interface DocumentSourceUnderTest {
  readonly documents: DocumentSource;
  /** The https URL of a document, whose text is `first`. */
  readonly url: string;
  /** A URL of the same server, which has nothing there. */
  readonly absentUrl: string;
  readonly publish: (text: string) => Promise<void>;
  /** Take the server away. */
  readonly disconnect: () => Promise<void>;
  /** How often the document was requested from the server, visits included. */
  readonly requestCount: () => number;
}

/** What every DocumentSource promises. `makeSource` gives a source that has read nothing yet and may refresh at once. */
export function defineDocumentSourceContract(
  name: string,
  makeSource: () => Promise<DocumentSourceUnderTest>,
): void {
  describe(`${name} as a document source`, () => {
    it('reads the text of a document', async () => {
      const { documents, url } = await makeSource();
      expect(await documents.readDocument(url, false)).toBe('first');
    });

    it('returns a changed document after a refresh and not before', async () => {
      const { documents, url, publish } = await makeSource();
      await documents.readDocument(url, false);
      await publish('zweitens ä');
      expect(await documents.readDocument(url, false)).toBe('first');
      expect(await documents.readDocument(url, true)).toBe('zweitens ä');
      expect(await documents.readDocument(url, false)).toBe('zweitens ä');
    });

    it('goes on using a document that it has read while the server is away, also for a refresh', async () => {
      const { documents, url, disconnect } = await makeSource();
      await documents.readDocument(url, false);
      await disconnect();
      expect(await documents.readDocument(url, false)).toBe('first');
      expect(await documents.readDocument(url, true)).toBe('first');
    });

    it('throws a retryable error for a document that it has not read while the server is away', async () => {
      const { documents, url, disconnect } = await makeSource();
      await disconnect();
      const failure = documents.readDocument(url, false);
      await expect(failure).rejects.toThrow(DocumentUnavailableError);
      await expect(failure).rejects.toMatchObject({ url, retryable: true });
    });

    it('throws an error that is not retryable for a document that does not exist', async () => {
      const { documents, absentUrl } = await makeSource();
      const failure = documents.readDocument(absentUrl, false);
      await expect(failure).rejects.toThrow(DocumentUnavailableError);
      await expect(failure).rejects.toMatchObject({ url: absentUrl, retryable: false });
    });

    it('requests a URL with each visit', async () => {
      const { documents, url, requestCount } = await makeSource();
      await documents.visit(url);
      await documents.visit(url);
      expect(requestCount()).toBe(2);
    });

    it('throws for a visit that is not answered with 2xx, and says whether repeating it may help', async () => {
      const { documents, url, absentUrl, disconnect } = await makeSource();
      const refused = documents.visit(absentUrl);
      await expect(refused).rejects.toThrow(DocumentUnavailableError);
      await expect(refused).rejects.toMatchObject({ retryable: false });
      await disconnect();
      await expect(documents.visit(url)).rejects.toMatchObject({ retryable: true });
    });
  });
}
