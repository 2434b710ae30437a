/** An HTTP proxy in front of a server that can lose a response: the server has done its work, and no one learns of it. */
import { FaultProxy } from './fault-proxy.ts';

export interface ResponseLosingProxy {
  /** The server's URL with the proxy's host and port. */
  readonly url: string;
  /** The next request reaches the server, its response reaches no one. */
  loseNextResponse(): void;
  close(): Promise<void>;
}

export async function startResponseLosingProxy(serverUrl: string): Promise<ResponseLosingProxy> {
  let loseNext = false;
  const proxy = await FaultProxy.to(serverUrl, () => {
    const kind = loseNext ? 'withhold-response' : 'none';
    loseNext = false;
    return { kind };
  });
  return {
    url: proxy.urlOf(serverUrl),
    loseNextResponse: () => {
      loseNext = true;
    },
    close: () => proxy.close(),
  };
}
